// How a person works on a page: by mouse or finger, or by keyboard alone. Journeys say what is done and not how.

/** Most presses of Tab on the way to a control: a page that needs more is no page for the keyboard. */
const MOST_PRESSES = 200;

/** With a mouse or a finger. */
export const pointer = () => ({
  press: (control) => control.click(),
  /** A radio button or a box to tick. */
  choose: (control) => control.check(),
  type: (control, text) => control.fill(text),
  /** The date in the browser's own field; `day` is an ISO date. */
  typeDay: (control, day) => control.fill(day),
  pick: (control, label) => control.selectOption({ label }),
  leave: (control) => control.blur(),
  give: (control, file) => control.setInputFiles(file),
});

/** By keyboard alone: each control is walked to with Tab, and what cannot be walked to cannot be used. */
export function keyboard(page) {
  const { keyboard: keys } = page;
  // The browser's own window for files stays shut from now on, and not only once somebody waits for it.
  page.on("filechooser", () => undefined);

  /** Where the focus is, seen from the control; of radio buttons of one name, Tab reaches a single one. */
  const where = (control) =>
    control.evaluate((element) => {
      const active = document.activeElement;
      if (active === element) return "here";
      const isRadio = element instanceof HTMLInputElement && element.type === "radio";
      if (isRadio && active instanceof HTMLInputElement && active.name === element.name && active.form === element.form) return "beside";
      const isPast = active && active !== document.body && !active.contains(element) && active.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING;
      return isPast ? "past" : "before";
    });

  async function reach(control) {
    await control.waitFor();
    for (let presses = 0; presses < MOST_PRESSES; presses += 1) {
      const now = await where(control);
      if (now === "here" || now === "beside") return now;
      await keys.press(now === "past" ? "Shift+Tab" : "Tab");
    }
    throw new Error(`${control}: not reached by ${MOST_PRESSES} presses of Tab`);
  }

  async function press(control) {
    await reach(control);
    await keys.press("Enter");
  }

  return {
    press,
    choose: async (control) => {
      let now = await reach(control);
      for (let presses = 0; now === "beside" && presses < MOST_PRESSES; presses += 1) {
        await keys.press("ArrowDown");
        now = await where(control);
      }
      if (!(await control.isChecked())) await keys.press("Space");
      if (!(await control.isChecked())) throw new Error(`${control}: not chosen by keyboard`);
    },
    type: async (control, text) => {
      await reach(control);
      await keys.press("ControlOrMeta+A");
      if (text === "") await keys.press("Delete");
      else await keys.type(text);
    },
    typeDay: async (control, day) => {
      await reach(control);
      // The order is the browser's own, whatever the page's language: day first, else month first.
      const [year, month, date] = day.split("-");
      await keys.type(date + month + year);
      if ((await control.inputValue()) === day) return;
      for (const _ of [1, 2, 3]) await keys.press("ArrowLeft");
      await keys.type(month + date + year);
      if ((await control.inputValue()) !== day) throw new Error(`${control}: ${await control.inputValue()} in the place of ${day}`);
    },
    pick: async (control, label) => {
      await reach(control);
      await keys.type(label);
      const chosen = await control.evaluate((list) => list.selectedOptions[0]?.label);
      if (chosen !== label) throw new Error(`${control}: «${chosen}» is chosen in the place of «${label}»`);
    },
    leave: async (control) => {
      await reach(control);
      await keys.press("Tab");
    },
    give: async (control, file) => {
      await reach(control);
      const chooser = page.waitForEvent("filechooser");
      await keys.press("Enter");
      await (await chooser).setFiles(file);
    },
  };
}
