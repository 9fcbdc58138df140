// «Invia domande»: a sentence until one minute before the opening, then a press that is held, then one that leaves.

import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../components/icon";
import { clockTimeWithSeconds } from "../../dates/instant";
import { HOLD_MS, type Sending } from "../../sending/machine";
import { sending as texts } from "../../texts/it/sending";
import type { Phase } from "./phase";

interface Props {
  phase: Phase;
  /** How many a press would send, of how many. */
  chosen: number;
  of: number;
  held: Sending["held"];
  onPress: () => void;
  onCancel: () => void;
}

function Held({ held, onCancel }: { held: NonNullable<Sending["held"]>; onCancel: () => void }) {
  const cancel = useRef<HTMLButtonElement>(null);
  // The button that was pressed is gone: the one that undoes it takes the focus.
  useEffect(() => cancel.current?.focus({ preventScroll: true }), []);
  return (
    <>
      <div class="sending-bar">
        <div class="deadline deadline-info sending-held">
          <p id="sending-held">
            <strong>{texts.held(clockTimeWithSeconds(held.leavesAt))}</strong> – {texts.keepOpen}
          </p>
          <button ref={cancel} type="button" class="btn btn-outline-primary" aria-describedby="sending-held sending-held-count" onClick={onCancel}>
            {texts.cancel}
          </button>
        </div>
      </div>
      <p id="sending-held-count">{texts.heldCount(held.ids.length)}</p>
    </>
  );
}

/** The box above the list. What can be pressed stands in a bar that a small screen has at its lower edge. */
export function SendBox({ phase, chosen, of, held, onPress, onCancel }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const wasHeld = useRef(false);
  useEffect(() => {
    // «Annulla» is gone.
    if (wasHeld.current && !held) button.current?.focus({ preventScroll: true });
    wasHeld.current = held !== null;
  }, [held]);
  if (held) return <Held held={held} onCancel={onCancel} />;
  if (phase.name === "before") {
    const at = clockTimeWithSeconds(phase.opensAt);
    return (
      <>
        <p>{texts.notYet(clockTimeWithSeconds(phase.opensAt - HOLD_MS), at)}</p>
        <p>{texts.chosen(chosen, of)}.</p>
        <p>{texts.order}</p>
      </>
    );
  }
  return (
    <>
      {chosen === 0 ? (
        <p>{texts.nothingChosen}</p>
      ) : (
        <>
          {phase.name === "last-minute" && <p>{texts.heldFrom(clockTimeWithSeconds(phase.opensAt))}</p>}
          <div class="buttons sending-bar">
            <button ref={button} type="button" class="btn btn-primary" onClick={onPress}>
              <Icon name="arrow-right" />
              {texts.press}
            </button>
            <span>{texts.chosen(chosen, of)}</span>
          </div>
        </>
      )}
      <p>{texts.order}</p>
    </>
  );
}
