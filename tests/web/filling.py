"""A person at their pages without JavaScript: opens one, fills it in, presses its button."""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.world import World


@dataclass
class Filler:
    """One person's browser. `page` is the last answer, `path` where it stands."""

    client: FlaskClient
    at: str
    page: str = ""
    path: str = ""

    def open(self, leaf: str) -> str:
        """Open one of one's own pages, by its address after `/me`, or whole."""
        path = leaf if leaf.startswith(self.at) else self.at + leaf
        return self._arrive(self.client.get(path, follow_redirects=True))

    def send(self, *, to: str = "", **typed: Any) -> str:
        """Send the page's form, or the one on it that goes to an address which ends like `to`."""
        token = self.page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
        path = self.path
        if to:
            actions = [html.unescape(found) for found in re.findall(r'action="([^"]+)"', self.page)]
            path = next(action for action in actions if action.split("?")[0].endswith(to))
        data = {"csrf_token": token, **typed}
        return self._arrive(self.client.post(path, data=data, follow_redirects=True))

    def file(self, data: bytes, name: str = "photo.jpg", **typed: Any) -> str:
        """Send the page's form with a file in it."""
        return self.send(file=(io.BytesIO(data), name), **typed)

    def link(self, words: str) -> str:
        """The address of the link that begins with these words."""
        found = re.search(rf'href="([^"]+)"[^>]*>\s*{re.escape(words)}', self.page)
        assert found, f"no link {words!r} on {self.path}"
        return html.unescape(found[1])

    def says(self, words: str) -> bool:
        """Whether the page says this."""
        return words in html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.page)))

    def _arrive(self, answer: TestResponse) -> str:
        self.page = answer.text
        shown = answer.request
        query = shown.query_string.decode() if isinstance(shown.query_string, bytes) else shown.query_string
        self.path = shown.path + (f"?{query}" if query else "")
        assert answer.status_code in (200, 409, 413), (answer.status_code, self.path)
        return self.page


def filler(world: World, who: str) -> Filler:
    """Somebody who is signed in."""
    return Filler(world.client("person", who), f"/{world.slug}/me")


def bus(one: Filler, world: World, *, pence: str = "4.10", picture: bytes | None = None) -> None:
    """Answer everything about a bus fare, up to the check page."""
    one.open(f"/costs/{world.sessions['brew']}/kind")
    one.send(kind="bus")
    one.send(amount_pence=pence)
    if picture is None:
        one.send(receipt="yes")
    else:
        one.file(picture)
