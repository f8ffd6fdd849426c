/** The keyboard's way to a control. */
import type { Locator } from 'playwright-core';

/** More than any page has controls. */
const MAX_TABS = 150;

/**
 * Presses Tab until the control has the focus and shows it, then the key; the number of Tabs. Throws when it cannot be reached, or when
 * nothing shows that it is.
 */
export async function pressAt(control: Locator, key: string): Promise<number> {
  const { keyboard } = control.page();
  await control.waitFor();
  for (let tabs = 0; tabs <= MAX_TABS; tabs++) {
    const { focused, shown } = await control.evaluate((element) => ({
      focused: element === document.activeElement,
      shown: [element, ...(element.parentElement ? [element.parentElement] : [])].some((e) => getComputedStyle(e).outlineStyle !== 'none'),
    }));
    if (focused && !shown) throw new Error(`Expected ${control} to show that it has the focus, but it does not.`);
    if (focused) {
      await keyboard.press(key);
      return tabs;
    }
    await keyboard.press('Tab');
  }
  throw new Error(`Expected to reach ${control} by the keyboard, but ${MAX_TABS} Tabs did not.`);
}
