"""Using a page with a pointer, or by keyboard alone: a flow is written once and runs with both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import FilePayload, Locator, Page, expect

MOST_TABS = 150
NO_POINTER = 'addEventListener("pointerdown", () => console.error("a pointer was used"), true);'
WHERE = """
(wanted) => {
  const target = wanted.control ?? wanted;
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  if (!active) return "elsewhere";
  if (active === target || target.contains(active)) return "here";
  const radios = active.type === "radio" && target.type === "radio" && active.name === target.name;
  if (radios) return "ArrowDown";
  const group = active.closest("[role=tablist],[role=menu],[role=listbox],[role=tree],[role=radiogroup],[role=grid]");
  if (group?.contains(target) && target.tabIndex < 0) return group.role === "tablist" ? "ArrowRight" : "ArrowDown";
  return "elsewhere";
}
"""
"""Whether the focus is on an element, else the key that moves it there within the same group."""
Files = Path | FilePayload | Sequence[FilePayload]


@dataclass(frozen=True, kw_only=True)
class Hand:
    """Presses, fills and chooses on a page. `keyboard`: without a pointer, which the flow then fails on."""

    page: Page
    keyboard: bool

    def __post_init__(self) -> None:
        if self.keyboard:
            self.page.context.add_init_script(NO_POINTER)

    def on(self, page: Page) -> "Hand":
        """The same hand on another page."""
        return replace(self, page=page)

    def press(self, target: Locator) -> None:
        """A button, a link, a tab, an entry of a menu, a box to tick, one of several choices."""
        if not self.keyboard:
            (drawn(target) if is_covered(target) else target).click()
            return
        self.focus(target)
        kind = target.evaluate("(e) => (e.control ?? e).type ?? ''")
        self.page.keyboard.press("Space" if kind in ("radio", "checkbox") else "Enter")

    def fill(self, field: Locator, text: str) -> None:
        """Write into a field, instead of what stands in it."""
        if not self.keyboard:
            field.fill(text)
            return
        self.focus(field)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.insert_text(text)

    def choose(self, field: Locator, option: str) -> None:
        """One of a drop-down list (`role=option`), by its text or the start of it."""
        if field.evaluate("(e) => e.tagName === 'SELECT'"):
            self._select(field, option)
            return
        choice = self.page.get_by_role("option", name=option)
        if not self.keyboard:
            field.click()
            choice.first.click()
            return
        self.focus(field)
        if not choice.first.is_visible():
            self.page.keyboard.press("ArrowDown")
        expect(choice.first).to_be_visible()
        for _ in range(MOST_TABS):
            if choice.first.evaluate("(e) => e.hasAttribute('data-combobox-selected')"):
                self.page.keyboard.press("Enter")
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the option {option} cannot be reached by keyboard")

    def _select(self, field: Locator, option: str) -> None:
        """One of a native list: by keyboard its first letters are written."""
        if not self.keyboard:
            field.select_option(option)
            return
        self.focus(field)
        self.page.keyboard.type(option)
        expect(field.locator("option:checked")).to_have_text(option)

    def upload(self, button: Locator, files: Files) -> None:
        """Press a button that asks for files, and give it some, or a folder."""
        with self.page.expect_file_chooser() as chooser:
            self.press(button)
        chooser.value.set_files(files)

    def focus(self, target: Locator) -> None:
        """Tab, and arrows within a group, until an element has the focus."""
        expect(target).to_be_visible() if not is_covered(target) else None
        for _ in range(MOST_TABS):
            where = target.evaluate(WHERE)
            if where == "here":
                return
            self.page.keyboard.press("Tab" if where == "elsewhere" else where)
        raise AssertionError(f"{target} cannot be reached by keyboard")


def is_covered(target: Locator) -> bool:
    """Whether an element is a native input under a drawn one, which is not visible itself."""
    return bool(target.evaluate("(e) => e.tagName === 'INPUT' && ['radio', 'checkbox', 'file'].includes(e.type)"))


def drawn(target: Locator) -> Locator:
    """What one sees instead of a native input: its label."""
    return target.page.locator(f'label[for="{target.get_attribute("id")}"]')
