"""Pages that flows use one after the other: to begin a page anew costs a browser a second of a core.

What a flow has left behind is cleared before the next one: other pages, routes, cookies, and all that is stored.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from playwright.sync_api import Page


class Use(NamedTuple):
    """What a page is used for: only the same is done with it again. `hand`: the pointer, or the keyboard alone."""

    url: str
    view: Any
    hand: str


@dataclass(kw_only=True, eq=False)
class ReusedPages:
    """Pages that no flow uses now."""

    pages: dict[Use, Page] = field(default_factory=dict)

    def take(self, use: Use) -> Page | None:
        """A page that was given back; None: there is none."""
        return self.pages.pop(use, None)

    def give_back(self, use: Use, page: Page) -> None:
        """Clear a page, and keep it."""
        context = page.context
        for other in context.pages:
            if other is not page:
                other.close()
        page.unroute_all(behavior="ignoreErrors")
        page.set_viewport_size({"width": use.view.size[0], "height": use.view.size[1]})
        page.emulate_media(color_scheme=use.view.scheme, reduced_motion="reduce")
        page.goto("about:blank")
        session = context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", {"origin": use.url, "storageTypes": "all"})
        session.detach()
        context.clear_cookies()
        self.pages[use] = page
