"""What a page comes to once a browser has it: what was made of strangers' text, and what axe says of it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from hostile import ELEMENT, RAN
from playwright.sync_api import Page

AXE_RULES: Final[dict[str, Any]] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
MADE: Final = """([element, ran]) => {
  const placed = '.is-virtual #calls, .is-virtual #calls > tr';
  const styled = `[style]:not(.vega-embed, .vega-embed *, #vg-tooltip-element, ${placed})`;
  const strange = `${element}, iframe, object, embed, base, ${styled}`;
  const found = [...document.querySelectorAll(strange)].map((each) => each.outerHTML.slice(0, 200));
  for (const each of document.querySelectorAll('*')) {
    for (const {name, value} of each.attributes) {
      const leads = ['href', 'src', 'action', 'formaction', 'xlink:href', 'data', 'srcset'].includes(name);
      if (name.startsWith('on') || leads && new URL(value, location.href).origin !== location.origin) {
        found.push(`${each.localName} ${name}=${value}`.slice(0, 200));
      }
    }
  }
  return window[ran] === undefined ? found : [...found, 'a script of a text ran'];
}"""
READ: Final = """() => {
  const said = ':is([title], [aria-label], [alt], [placeholder])';
  const spoken = document.querySelectorAll(`${said}:not(.vega-embed, .vega-embed *)`);
  const written = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [document.title];
  while (written.nextNode()) {
    if (written.currentNode.parentElement.closest('.vega-embed svg') === null) texts.push(written.currentNode.data);
  }
  for (const each of spoken) {
    for (const name of ['title', 'aria-label', 'alt', 'placeholder']) texts.push(each.getAttribute(name) ?? '');
  }
  return texts.join(' ');
}"""
"""Without the charts, where each text is a line of its own that nothing beside it is turned around by."""


def open_and_settle(page: Page, url: str) -> None:
    """Until nothing more is drawn: a page that gets news never has an idle network."""
    page.goto(url, wait_until="load")
    page.evaluate("() => new Promise((done) => requestIdleCallback(done, {timeout: 2000}))")


def made_of_text(page: Page) -> list[str]:
    """Elements and handlers that no template of ours makes, scripts that ran, and addresses that lead elsewhere."""
    return page.evaluate(MADE, [ELEMENT, RAN])


def text_of(page: Page) -> str:
    """Everything that it says, to the eye and aloud."""
    return page.evaluate(READ)


def axe_violations(page: Page) -> list[str]:
    """One line for each rule that is broken, with the first element that breaks it."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("(rules) => axe.run(document, rules)", AXE_RULES)["violations"]
    return [
        f"{rule['id']} ({len(rule['nodes'])}): {rule['nodes'][0]['html'][:200]} "
        f"{rule['nodes'][0]['failureSummary'][:300]}"
        for rule in found
    ]


def width_beyond(page: Page, width: int) -> int:
    """How far it can be scrolled sideways in a window of this width."""
    page.set_viewport_size({"width": width, "height": 800})
    return int(page.evaluate("document.documentElement.scrollWidth")) - width


def moving(page: Page) -> int:
    """How many animations run."""
    return int(page.evaluate("document.getAnimations().filter((each) => each.playState === 'running').length"))


FOCUSED: Final = """() => {
  const at = document.activeElement;
  if (at === null || at === document.body || at === document.documentElement) return null;
  const seen = ['', '::after', '::before'].some((part) => {
    const style = getComputedStyle(at, part || null);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
  });
  const box = at.getBoundingClientRect();
  const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {name: at.outerHTML.slice(0, 160), seen, inside, number: [...document.querySelectorAll('*')].indexOf(at)};
}"""
MOST_STOPS: Final = 40


def stops_of_tab(page: Page) -> list[dict[str, Any]]:
    """Where the focus stops, one after another, until it leaves the page or there were many."""
    stops: list[dict[str, Any]] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None or (stops and stop["number"] == stops[0]["number"]):
            break
        stops.append(stop)
    return stops


def unlike_reading(stops: list[dict[str, Any]]) -> list[str]:
    """Those that stand before the one that had the focus before them."""
    return [after["name"] for before, after in pairwise(stops) if after["number"] <= before["number"]]
