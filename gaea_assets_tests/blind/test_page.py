"""The page, asked as a browser asks it, and as others do."""

import asyncio
import re
from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from gaea_assets.blind.files import ReadingFiles
from gaea_assets.blind.order import order
from gaea_assets.blind.page import BlindPage
from gaea_assets.blind.plan import Plan, write_once
from gaea_assets.blind.requests import MOST_BYTES
from gaea_assets.blind.votes import LONGEST_NOTE, read_votes, save
from gaea_assets_tests.blind.readings import files_in, small_plan, votes_of

HERE = "http://127.0.0.1:8010"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": HERE}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan()


@pytest.fixture
def files(tmp_path: Path, plan: Plan) -> ReadingFiles:
    files = files_in(tmp_path, plan)
    write_once(plan, files)
    return files


@pytest.fixture
def client(plan: Plan, files: ReadingFiles) -> Iterator[TestClient]:
    with TestClient(BlindPage(plan, files, 60).app(), base_url=HERE) as client:
        yield client


def answers(item: str, **changes: str) -> dict[str, str]:
    return {"item": item, "closer": "A", "better": "tie", "note": "", **changes}


def item_on(page: str) -> str:
    return re.findall(r'name="item" value="(\w+)"', page)[0]


def test_a_reader_is_led_from_the_name_through_every_item(client: TestClient, plan: Plan, files: ReadingFiles) -> None:
    page = client.get("/", params={"reader": "Ana"})
    assert page.url.path == "/readers/ana"
    for item in order(plan, "ana"):
        assert item_on(page.text) == item
        page = client.post("/readers/ana", data=answers(item), headers={"Origin": HERE})
        assert page.status_code == 200
    assert "You have judged every pair" in page.text
    assert [vote.item for vote in read_votes(files.votes, plan).votes] == order(plan, "ana")


def test_a_reader_goes_on_where_they_were(client: TestClient, plan: Plan, files: ReadingFiles) -> None:
    for vote in votes_of(plan, "ana", 4):
        save(vote, files.votes, plan)
    page = client.get("/readers/Ana")
    assert item_on(page.text) == order(plan, "ana")[4]
    assert "5 of" in page.text
    assert item_on(client.get("/readers/ben").text) == order(plan, "ben")[0]


def test_the_page_shows_the_authors_voice_the_prompt_and_both_texts(client: TestClient, plan: Plan) -> None:
    item = order(plan, "ana")[0]
    pair, a, b = plan.shown(item)
    page = client.get("/readers/ana").text
    places = [page.index(text.split("\n")[0]) for text in (plan.excerpts[pair.excerpt], pair.prompt, a, b)]
    assert places == sorted(places)


def test_nothing_that_is_sent_tells_the_sides(client: TestClient, plan: Plan) -> None:
    """Everything but the texts is the same for a pair, the same the other way round, a repeat and a check."""
    shapes = set()
    page = client.get("/readers/ana")
    for number, item in enumerate(order(plan, "ana")):
        text = page.text
        assert not re.search(r"\b(base|tuned|model|check|repeat)\b", re.sub(r"<style>.*</style>", "", text, flags=re.S))
        shape = re.sub(r'<p dir="auto">.*?</p>', "", text, flags=re.S).replace(item, "ITEM").replace("\n", "")
        shape = re.sub(rf'\b{number + 1} of|value="{number}"', "", shape)
        headers = tuple(sorted((k, v) for k, v in page.headers.items() if k != "content-length"))
        shapes.add((shape, str(page.url), headers, len(page.cookies)))
        page = client.post("/readers/ana", data=answers(item), headers={"Origin": HERE})
        (sent_on,) = page.history
        assert sent_on.headers["location"] == "/readers/ana"
    assert len(shapes) == 1


def test_text_is_shown_as_text_and_asterisks_as_italics(tmp_path: Path) -> None:
    plan = small_plan(count=2, samples=1, checks=0)
    wild = '<script>alert(1)</script> *You knew.* & "so"'
    texts = {name: f"{wild} {text}" for name, text in plan.pairs[0].texts.items()}
    plan = replace(plan, pairs=tuple(replace(pair, texts=texts) for pair in plan.pairs))
    with TestClient(BlindPage(plan, files_in(tmp_path, plan), 60).app(), base_url=HERE) as client:
        page = client.get("/readers/ana").text
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt; <em>You knew.</em> &amp; &quot;so&quot;") == 2


def test_a_double_click_counts_once(client: TestClient, plan: Plan, files: ReadingFiles) -> None:
    item = order(plan, "ana")[0]
    for _ in range(3):
        page = client.post("/readers/ana", data=answers(item), headers={"Origin": HERE})
        assert item_on(page.text) == order(plan, "ana")[1]
        assert "first answers stand" not in page.text
    assert len(read_votes(files.votes, plan).votes) == 1


def test_an_answer_is_not_changed_after_the_fact_and_the_reader_is_told(
    client: TestClient, plan: Plan, files: ReadingFiles
) -> None:
    item = order(plan, "ana")[0]
    client.post("/readers/ana", data=answers(item), headers={"Origin": HERE})
    content = files.votes.read_bytes()
    page = client.post("/readers/ana", data=answers(item, closer="B"), headers={"Origin": HERE})
    assert "your first answers stand" in page.text
    assert files.votes.read_bytes() == content


def test_when_the_votes_are_in_the_reading_is_closed(plan: Plan, files: ReadingFiles) -> None:
    for vote in votes_of(plan, "ana"):
        save(vote, files.votes, plan)
    with TestClient(BlindPage(plan, files, 10).app(), base_url=HERE) as client:
        page = client.get("/readers/ben").text
    assert "All votes that were wanted are in" in page
    assert "<form" not in page


def test_a_vote_after_the_reading_is_closed_is_refused_without_a_trace(plan: Plan, files: ReadingFiles) -> None:
    given = votes_of(plan, "ben")
    for vote in given:
        save(vote, files.votes, plan)
    before = files.votes.read_bytes()
    with TestClient(BlindPage(plan, files, 10).app(), base_url=HERE) as client:
        late = client.post("/readers/ana", data=answers(order(plan, "ana")[0]), headers={"Origin": HERE})
        assert late.status_code == 409
        assert "The reading is closed: all votes are in" in late.text
        # A double click on the last vote is no late one.
        again = client.post("/readers/ben", data=answers(given[-1].item), headers={"Origin": HERE})
        assert again.status_code == 200
    assert files.votes.read_bytes() == before


def test_the_address_without_a_name_leads_to_the_reader_of_the_command(plan: Plan, files: ReadingFiles) -> None:
    with TestClient(BlindPage(plan, files, 60, "ana maria").app(), base_url=HERE) as client:
        assert client.get("/", follow_redirects=False).headers["location"] == "/readers/ana%20maria"
        assert "<span>ana maria</span>" in client.get("/").text
        assert "Your name" in client.get("/?reader=").text


BAD: list[tuple[str, dict[str, str], bytes, int]] = [
    ("no origin", {"Origin": ""}, b"", 403),
    ("another site", {"Origin": "http://evil.example"}, b"", 403),
    ("a sandboxed frame", {"Origin": "null"}, b"", 403),
    ("another port", {"Origin": "http://127.0.0.1:8011"}, b"", 403),
    ("a name bound anew", {"Host": "evil.example:8010", "Origin": "http://evil.example:8010"}, b"", 400),
    ("json", {"Content-Type": "application/json"}, b'{"item": "ITEM"}', 415),
    ("a file", {"Content-Type": "multipart/form-data; boundary=x"}, b"--x--", 415),
    ("nothing", {}, b"", 400),
    ("no form", {}, b"%%%", 400),
    ("bytes", {}, b"\xff\xfe\x00", 400),
    ("bad utf-8", {}, b"item=ITEM&closer=A&better=A&note=%ff", 400),
    ("a field missing", {}, b"item=ITEM&closer=A&note=", 400),
    ("a field more", {}, b"item=ITEM&closer=A&better=A&note=&reader=ben", 400),
    ("a field twice", {}, b"item=ITEM&closer=A&closer=B&better=A&note=", 400),
    ("many fields", {}, b"&".join(b"a%d=1" % n for n in range(99)), 400),
    ("no answer", {}, b"item=ITEM&closer=&better=A&note=", 400),
    ("another answer", {}, b"item=ITEM&closer=tuned&better=A&note=", 400),
    ("control characters", {}, b"item=ITEM&closer=A&better=A&note=%00", 400),
    ("a long note", {}, b"item=ITEM&closer=A&better=A&note=" + b"x" * (LONGEST_NOTE + 1), 413),
    ("a huge body", {}, b"item=ITEM&closer=A&better=A&note=" + b"x" * MOST_BYTES, 413),
    ("an item that is not up", {}, b"item=LATER&closer=A&better=A&note=", 409),
    ("no such item", {}, b"item=0&closer=A&better=A&note=", 409),
]


@pytest.mark.parametrize(("headers", "body", "status"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_the_page_did_not_send_is_refused_without_a_trace(
    client: TestClient, plan: Plan, files: ReadingFiles, headers: dict[str, str], body: bytes, status: int
) -> None:
    now, later = order(plan, "ana")[:2]
    good = urlencode(answers(now)).encode()
    content = body.replace(b"ITEM", now.encode()).replace(b"LATER", later.encode()) or good
    if status == 400 and not body and not headers:
        content = b""
    before = sorted(path.name for path in files.folder.iterdir())
    response = client.post("/readers/ana", content=content, headers={**FORM, **headers}, follow_redirects=False)
    assert response.status_code == status
    assert sorted(path.name for path in files.folder.iterdir()) == before
    assert client.post("/readers/ana", content=good, headers=FORM, follow_redirects=False).status_code == 303
    assert len(files.votes.read_bytes().splitlines()) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/readers/%3Cb%3E", 400),
        ("GET", "/readers/" + "a" * 50, 400),
        ("GET", "/?reader=a/b", 400),
        ("GET", "/readers/a/b", 404),
        ("GET", "/key", 404),
        ("GET", "/readers/", 404),
        ("PUT", "/readers/ana", 405),
        ("DELETE", "/readers/ana", 405),
        ("POST", "/", 405),
    ],
)
def test_other_addresses_and_methods_are_refused(
    client: TestClient, files: ReadingFiles, method: str, path: str, status: int
) -> None:
    response = client.request(method, path, headers=FORM, follow_redirects=False)
    assert response.status_code == status
    assert "Nothing has been saved" in response.text
    assert "<b>" not in response.text
    assert not files.votes.exists()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8010", "", "[::1]:8010", "0.0.0.0:8010"])
def test_under_another_name_nothing_is_served(client: TestClient, host: str) -> None:
    assert client.get("/readers/ana", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8010", "localhost:8010", "localhost:9000"])
def test_through_a_tunnel_it_is_served(client: TestClient, plan: Plan, host: str) -> None:
    assert client.get("/readers/ana", headers={"Host": host}).status_code == 200
    sent = client.post(
        "/readers/ana",
        data=answers(order(plan, "ana")[0]),
        headers={"Host": host, "Origin": f"http://{host}"},
        follow_redirects=False,
    )
    assert sent.status_code == 303


def test_a_file_with_anothers_votes_is_told_and_takes_none(client: TestClient, plan: Plan, files: ReadingFiles) -> None:
    other = small_plan(model="f" * 64)
    save(votes_of(other, "ana", 1)[0], files.votes, other)
    before = files.votes.read_bytes()
    response = client.post("/readers/ana", data=answers(order(plan, "ana")[0]), headers={"Origin": HERE})
    assert response.status_code == 500
    assert "a vote on another reading" in response.text
    assert files.votes.read_bytes() == before


def test_a_vote_that_names_two_origins_is_refused(client: TestClient, plan: Plan, files: ReadingFiles) -> None:
    headers = [*FORM.items(), ("Origin", "http://evil.example")]
    content = urlencode(answers(order(plan, "ana")[0]))
    assert client.post("/readers/ana", content=content, headers=headers).status_code == 403
    assert not files.votes.exists()


def test_a_connection_that_is_lost_amid_a_vote_leaves_nothing(plan: Plan, files: ReadingFiles) -> None:
    messages = iter([{"type": "http.request", "body": b"item=", "more_body": True}, {"type": "http.disconnect"}])
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return next(messages)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    headers = {"host": "127.0.0.1:8010", **{name.lower(): value for name, value in FORM.items()}}
    scope = {
        "type": "http", "method": "POST", "path": "/readers/ana", "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asyncio.run(BlindPage(plan, files, 60).app()(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 400
    assert not files.votes.exists()


def test_the_longest_note_is_taken(client: TestClient, plan: Plan, files: ReadingFiles) -> None:
    note = "\U0001f600" * LONGEST_NOTE
    sent = client.post("/readers/ana", data=answers(order(plan, "ana")[0], note=note), headers={"Origin": HERE})
    assert sent.status_code == 200
    assert read_votes(files.votes, plan).votes[0].note == note
