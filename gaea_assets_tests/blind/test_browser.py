"""The page in a real browser, and its server killed, doubled and asked by many at once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from socket import socket
from urllib.parse import urlencode

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from gaea_assets.blind.cli_blind import prepare
from gaea_assets.blind.order import order
from gaea_assets.blind.page import BlindPage
from gaea_assets.blind.plan import Plan, with_id
from gaea_assets.blind.votes import Vote, read_votes
from gaea_assets.resources import PROJECT, Workspace
from gaea_assets_tests.blind.readings import files_in, put_reading, small_plan
from gaea_assets_tests.projects import VOICE
from gaea_assets_tests.serving.servers import running

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PORTS = range(8450, 8500)

pytestmark = pytest.mark.slow
in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


class Server:
    """`gaea blind`, as a person starts it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.files, self.plan = prepare(workspace, workspace.voice(VOICE))
        self.items = len(order(self.plan, "ana"))
        self.port = next(port for port in PORTS if _free(port))
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "gaea_assets.cli", "blind", VOICE, "--port", str(self.port)]
        environment = {**os.environ, "GAEA_DATA": self.workspace.data}
        self.process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout
        said = []
        while self.url not in "".join(said):
            line = self.process.stdout.readline()
            assert line, f"the page did not start: {''.join(said)}"
            said.append(line)

    def stop(self, with_signal: signal.Signals) -> tuple[int, str]:
        """End it; its status, and what it has said since it started."""
        assert self.process and self.process.stdout
        self.process.send_signal(with_signal)
        said = self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(60), said

    def votes(self, reader: str | None = None) -> list[Vote]:
        found = read_votes(self.files.votes, self.plan)
        assert found.faults == ()
        return [vote for vote in found.votes if reader in (None, vote.reader)]


def _free(port: int) -> bool:
    with closing(socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """The page of a reading that nobody has begun."""
    workspace = Workspace(data=str(tmp_path / "data"))
    put_reading(workspace, workspace.voice(VOICE), heldout=4)
    made = Server(workspace)
    made.start()
    yield made
    assert made.process
    if made.process.poll() is None:
        made.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # A container's root has no user namespaces for Chromium's sandbox.
        sandbox = [] if os.getuid() else ["--no-sandbox"]
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a desktop's window."""
    with closing(browser.new_context(viewport={"width": 1280, "height": 900})) as context:
        yield context.new_page()


def place(page: Page) -> str:
    """`3 of 26`."""
    return page.locator("header .count").inner_text()


def tab_to(page: Page, name: str) -> None:
    """Move the focus with the tab key alone."""
    for _ in range(20):
        if page.evaluate("document.activeElement.name || document.activeElement.textContent") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached with the tab key")


@in_a_browser
def test_a_whole_reading_with_the_keyboard_alone(server: Server, page: Page) -> None:
    told: list[str] = []
    asked: set[str] = set()
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: asked.add(request.url))
    page.goto(server.url)
    page.keyboard.type("Ana")
    page.keyboard.press("Enter")
    items = order(server.plan, "ana")
    for number in range(len(items)):
        expect(page.locator("header .count")).to_have_text(f"{number + 1} of {len(items)}")
        if number == 0:  # without the shortcuts, as on any form
            tab_to(page, "closer")
            page.keyboard.press("ArrowRight")
            page.keyboard.press("ArrowRight")
            tab_to(page, "better")
            page.keyboard.press("Space")
            tab_to(page, "note")
            page.keyboard.type("the first")
            tab_to(page, "Save, and go on")
        elif number == 1:  # keys of questions are letters in a note
            page.keyboard.press("n")
            page.keyboard.type("n1\n2 6v")
            page.keyboard.press("Escape")
            page.keyboard.press("1")
            page.keyboard.press("6")
            page.keyboard.press("n")
            page.keyboard.press("Control+Enter")
        else:
            page.keyboard.press("123"[number % 3])
            page.keyboard.press("456"[number // 3 % 3])
        if number != 1:
            page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Thank you, ana.")
    votes = server.votes()
    assert [vote.item for vote in votes] == items
    assert [vote.closer for vote in votes[2:]] == [("A", "tie", "B")[n % 3] for n in range(2, len(items))]
    assert [vote.better for vote in votes[2:]] == [("A", "tie", "B")[n // 3 % 3] for n in range(2, len(items))]
    assert (votes[0].closer, votes[0].better, votes[0].note) == ("B", "A", "the first")
    assert (votes[1].closer, votes[1].better, votes[1].note) == ("A", "B", "n1\n2 6v")
    assert told == []
    assert asked <= {f"{server.url}/", f"{server.url}/?reader=Ana", f"{server.url}/readers/ana", "data:,"}


@in_a_browser
def test_enter_saves_nothing_before_both_questions_are_answered(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/readers/ana")
    before = place(page)
    for keys in (["Enter"], ["1", "Enter"]):
        for key in keys:
            page.keyboard.press(key)
    assert place(page) == before
    assert server.votes() == []


@in_a_browser
def test_a_double_click_and_the_way_back_change_nothing(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/readers/ana")
    page.keyboard.press("1")
    page.keyboard.press("4")
    page.get_by_role("button").dblclick()
    expect(page.locator("header .count")).to_have_text(f"2 of {server.items}")
    page.go_back()
    page.keyboard.press("3")
    page.keyboard.press("6")
    with page.expect_navigation():  # else the vote's answer and the next page come for one another
        page.keyboard.press("Enter")
    page.goto(f"{server.url}/readers/ana")
    first = server.votes()[0]
    assert (first.closer, first.better) == ("A", "A")
    assert len({vote.item for vote in server.votes()}) == len(server.votes())


@in_a_browser
def test_on_a_phone_everything_is_in_reach(server: Server, browser: Browser) -> None:
    with closing(
        browser.new_context(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    ) as context:
        page = context.new_page()
        page.goto(f"{server.url}/readers/ana")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('article p')).fontSize)") >= 16
        left, right = (page.locator("article").nth(n).bounding_box() for n in range(2))
        assert left and right and right["y"] >= left["y"] + left["height"]
        for target in [*page.locator(".choice label").all(), page.get_by_role("button")]:
            box = target.bounding_box()
            assert box and box["height"] >= 44 and box["x"] >= 0 and box["x"] + box["width"] <= 360
        page.locator(".choice label").nth(2).tap()
        page.locator(".choice label").nth(4).tap()
        page.get_by_role("button").tap()
        expect(page.locator("header .count")).to_have_text(f"2 of {server.items}")
        assert (server.votes()[0].closer, server.votes()[0].better) == ("B", "tie")


@contextmanager
def page_of(plan: Plan, folder: Path) -> Iterator[str]:
    """The address of a page of this plan, in this process."""
    port = next(port for port in PORTS if _free(port))
    with running(BlindPage(plan, files_in(folder, plan), 60).app(), port) as address:
        yield address


@in_a_browser
@pytest.mark.parametrize("width", [320, 1280])
def test_a_word_without_end_widens_nothing(browser: Browser, tmp_path: Path, width: int) -> None:
    plan = small_plan()
    endless = "so" * 400
    pairs = [replace(pair, prompt=endless, texts=dict.fromkeys(pair.texts, endless)) for pair in plan.pairs]
    plan = with_id(replace(plan, pairs=pairs, excerpts=[endless] * len(plan.excerpts)))
    with (
        page_of(plan, tmp_path) as url,
        closing(browser.new_context(viewport={"width": width, "height": 740})) as context,
    ):
        page = context.new_page()
        page.goto(f"{url}/readers/{'w' * 40}")
        assert page.locator("article").count() == 2
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@in_a_browser
def test_what_is_written_from_the_right_is_shown_so(page: Page, tmp_path: Path) -> None:
    plan = small_plan()
    texts = [dict.fromkeys(pair.texts, "\u0642\u0627\u0644 2 \u0646\u0639\u0645.") for pair in plan.pairs]
    pairs = [replace(pair, texts=text) for pair, text in zip(plan.pairs, texts, strict=True)]
    with page_of(with_id(replace(plan, pairs=pairs)), tmp_path) as url:
        page.goto(f"{url}/readers/ana")
        directions = [
            page.evaluate(f"getComputedStyle(document.querySelector('{place} .prose p')).direction")
            for place in (".prompt", "article")
        ]
    assert directions == ["ltr", "rtl"]


CONTRAST = """
() => {
  const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const luminance = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(v => linear(v / 255));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = element => {
    const colour = getComputedStyle(element).backgroundColor;
    return colour.endsWith(", 0)") ? behind(element.parentElement) : colour;
  };
  return [...document.querySelectorAll("p, h2, legend, label, summary, button, span, strong")].map(element => {
    const pair = [luminance(getComputedStyle(element).color), luminance(behind(element))];
    return (Math.max(...pair) + .05) / (Math.min(...pair) + .05);
  });
}
"""
"""Contrast ratios of the page's texts, after the Web Content Accessibility Guidelines 2.2."""


@in_a_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_the_light_and_in_the_dark(server: Server, browser: Browser, scheme: str) -> None:
    with closing(browser.new_context(color_scheme=scheme)) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{server.url}/readers/ana")
        page.keyboard.press("1")
        shade = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (max(shade) < 60) if scheme == "dark" else (min(shade) > 200)
        # Level AA.
        assert min(page.evaluate(CONTRAST)) >= 4.5


@in_a_browser
def test_a_reader_goes_on_after_the_page_was_killed(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/readers/ana")
    for number in range(5):
        expect(page.locator("header .count")).to_have_text(f"{number + 1} of {server.items}")
        page.keyboard.press("1")
        page.keyboard.press("5")
        page.keyboard.press("Enter")
    expect(page.locator("header .count")).to_have_text(f"6 of {server.items}")
    kept = server.votes()
    assert len(kept) == 5
    server.stop(signal.SIGKILL)
    server.start()
    page.reload()
    expect(page.locator("header .count")).to_have_text(f"6 of {server.items}")
    page.keyboard.press("3")
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    expect(page.locator("header .count")).to_have_text(f"7 of {server.items}")
    assert server.votes()[:5] == kept
    assert len(server.votes()) == 6


def send(server: Server, client: httpx2.Client, reader: str, item: str) -> None:
    """Vote until the page says that it has the vote, as a reader does who reloads."""
    body = urlencode({"item": item, "closer": "A", "better": "B", "note": reader})
    headers = {"Origin": server.url, "Content-Type": "application/x-www-form-urlencoded"}
    for _ in range(600):
        try:
            response = client.post(f"{server.url}/readers/{reader}", content=body, headers=headers)
        except httpx2.TransportError:
            time.sleep(0.1)
            continue
        assert response.status_code == 303, response.text
        return
    raise AssertionError("the page does not answer")


def read_all(server: Server, plan: Plan, reader: str) -> None:
    """A reader with a nervous finger: every vote is sent twice at once."""
    with httpx2.Client(timeout=60) as client, ThreadPoolExecutor(2) as fingers:
        for item in order(plan, reader):
            for sent in [fingers.submit(send, server, client, reader, item) for _ in range(2)]:
                sent.result()


def test_readers_at_once_with_double_clicks_and_a_kill_lose_nothing(server: Server) -> None:
    readers = ["ana", "ben", "cleo"]
    with ThreadPoolExecutor(len(readers)) as pool:
        reading = [pool.submit(read_all, server, server.plan, reader) for reader in readers]
        for kills_after in (10, 30):
            while len(read_votes(server.files.votes, server.plan).votes) < kills_after:
                assert not any(done.done() and done.exception() for done in reading)
                time.sleep(0.05)
            server.stop(signal.SIGKILL)
            server.start()
        for done in reading:
            done.result()
    # A kill may tear a line: it is told, its vote was sent again, and every other is there once.
    found = read_votes(server.files.votes, server.plan)
    assert len(found.faults) <= 2
    lines = [line for line in server.files.votes.read_bytes().splitlines() if line]
    assert len(lines) == len(found.votes) + len(found.faults)
    closes = 60  # counted votes close the page; the votes that are sent then are kept too
    assert closes < len(found.votes) == len(readers) * len(order(server.plan, "ana"))
    for reader in readers:
        assert [vote.item for vote in found.votes if vote.reader == reader] == order(server.plan, reader)


def test_ctrl_c_stops_the_page_without_a_traceback(server: Server) -> None:
    with httpx2.Client() as client:
        client.get(f"{server.url}/readers/ana")
        status, said = server.stop(signal.SIGINT)
    assert (status, said) == (0, "")


def test_the_page_listens_on_this_machine_only(server: Server) -> None:
    import psutil

    assert server.process
    listening = [c for c in psutil.Process(server.process.pid).net_connections() if c.status == psutil.CONN_LISTEN]
    assert [(c.laddr.ip, c.laddr.port) for c in listening] == [("127.0.0.1", server.port)]


def test_the_key_is_in_no_answer(server: Server) -> None:
    key = json.loads(server.files.key.read_text("utf-8"))
    names = set(key["items"])
    with httpx2.Client() as client:
        for path in ("/", "/readers/ana", "/readers/ben", "/nothing"):
            answer = client.get(server.url + path)
            shown = {name for name in names if name in answer.text}
            assert len(shown) <= 1
            assert key["id"] not in answer.text and key["id"][:16] not in answer.text
            assert not {"server", "etag", "set-cookie"} & set(answer.headers)
