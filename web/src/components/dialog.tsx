// A modal question, by the browser's own dialog: focus, Escape and what lies behind are its affair.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { it } from "../texts/it";
import { Icon } from "./icon";

interface Props {
  id: string;
  title: string;
  isOpen: boolean;
  /** Escape, the cross, or a press beside it; without it the dialog has to be answered. */
  onClose?: () => void;
  children: ComponentChildren;
}

/** Only one is open at a time. */
export function Dialog({ id, title, isOpen, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    if (!shown) return;
    if (isOpen && !shown.open) shown.showModal();
    if (!isOpen && shown.open) shown.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      id={id}
      class="dialog"
      aria-labelledby={`${id}-title`}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
    >
      {isOpen && (
        <>
          <div class="dialog-head">
            <h2 id={`${id}-title`}>{title}</h2>
            {onClose && (
              <button type="button" class="dialog-close" onClick={onClose}>
                <Icon name="close" label={it.list.close} />
              </button>
            )}
          </div>
          <div class="dialog-body">{children}</div>
        </>
      )}
    </dialog>
  );
}
