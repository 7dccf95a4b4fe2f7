"""The base model's files: a folder, or the hub with its refusals (a tiny server on 127.0.0.1)."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub.constants as hub
import pytest
from huggingface_hub import close_session

from gaea_assets.base.files import base_folder, base_identity, read_json
from gaea_assets.errors import GaeaError
from gaea_assets_tests import vocabularies

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": b"weights", "original/big.pth": b"other"}


class Hub(BaseHTTPRequestHandler):
    """Answers for the repositories `org/open`, `org/gated`, `org/half_gated`, `org/broken`, `org/dropped`."""

    asked: list[str]

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.asked.append(self.path)
        name = self.path.removeprefix("/api/models").split("/")[2]
        listing = self.path.startswith("/api")
        match name:
            case "gated":
                self._send(401, b"", {"X-Error-Code": "GatedRepo"})
            case "half_gated" if not listing:
                self._send(403, b"", {"X-Error-Code": "GatedRepo"})
            case "broken":
                self._send(400, b"")
            case "dropped":
                self.connection.close()
            case "open" | "half_gated" if "/revision/gone" in self.path:
                self._send(404, b"", {"X-Error-Code": "RevisionNotFound"})
            case "open" | "half_gated" if "/tree/" in self.path:
                rows = [{"type": "file", "path": p, "size": len(c), "oid": "a" * 40} for p, c in FILES.items()]
                self._send(200, json.dumps(rows).encode())
            case "open" | "half_gated" if listing:
                self._send(200, json.dumps({"id": f"org/{name}", "sha": COMMIT}).encode())
            case "open":
                content = FILES[self.path.split(f"/resolve/{COMMIT}/")[1]]
                self._send(200, content, {"ETag": '"' + content.hex().ljust(40, "0") + '"', "X-Repo-Commit": COMMIT})
            case _:
                self._send(401, b"", {"X-Error-Code": "RepoNotFound"})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def _nothing_of_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No token, no cache, no proxy; no server at first."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", *(f"{s}_proxy" for s in ("http", "https", "all"))):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(hub, "HF_TOKEN_PATH", str(tmp_path / "no_token"))
    monkeypatch.setattr(hub, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", False)
    close_session()
    yield
    close_session()


def reach(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "ENDPOINT", address)
    monkeypatch.setattr(hub, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
    import huggingface_hub.hf_api as hf_api

    monkeypatch.setattr(hf_api.api, "endpoint", address)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Paths that were asked of a hub that is reached."""
    Hub.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    reach(f"http://127.0.0.1:{server.server_port}", monkeypatch)
    yield Hub.asked
    server.shutdown()
    server.server_close()


def fault(model: str, project: Path, revision: str | None = None, *, weights: bool = False) -> str:
    with pytest.raises(GaeaError) as error:
        base_folder(model, revision, project, weights=weights)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_folder_is_taken_relative_to_the_project_and_absolute(tmp_path: Path) -> None:
    folder = vocabularies.plain(tmp_path / "models" / "mine")
    assert base_folder("models/mine", None, tmp_path, weights=False) == folder
    assert base_folder(str(folder), None, Path("/"), weights=False) == folder


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_folder_without_a_file_names_it(tmp_path: Path, name: str) -> None:
    folder = vocabularies.plain(tmp_path / "mine")
    (folder / name).unlink()
    assert (
        fault("mine", tmp_path) == f"base.model: mine: {name} is missing in {folder}; a complete model folder is wanted"
    )


def test_weights_are_asked_for_only_where_they_are_needed(tmp_path: Path) -> None:
    folder = vocabularies.plain(tmp_path / "mine")
    (folder / "pytorch_model.bin").touch()
    assert base_folder("mine", None, tmp_path, weights=False) == folder
    assert fault("mine", tmp_path, weights=True) == (
        f"base.model: mine: no *.safetensors in {folder}; save the weights as safetensors"
    )
    (folder / "model-00001-of-00002.safetensors").touch()
    assert base_folder("mine", None, tmp_path, weights=True) == folder


def test_vocabulary_is_downloaded_without_the_weights(tmp_path: Path, asked: list[str]) -> None:
    folder = base_folder("org/open", None, tmp_path, weights=False)
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "tokenizer.json"]
    assert not any("safetensors" in path or "big" in path for path in asked)
    assert base_identity(folder, "org/open") == f"org/open@{COMMIT}"


def test_weights_are_downloaded_but_no_other_forms_of_them(tmp_path: Path, asked: list[str]) -> None:
    folder = base_folder("org/open", None, tmp_path, weights=True)
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    assert not (folder / "original").exists()


@pytest.mark.parametrize("model", ["org/gated", "org/half_gated"])
def test_gated_model_without_a_token_names_the_licence_and_the_token(
    tmp_path: Path, asked: list[str], model: str
) -> None:
    assert fault(model, tmp_path) == (
        f"base.model: {model} is gated and no token is set: accept its licence on its hub page, "
        "then set HF_TOKEN to a token of an account that has been granted access"
    )


def test_gated_model_with_a_token_that_has_no_access_says_so(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_none")
    assert "is gated and the token given has no access to it: accept its licence" in fault("org/gated", tmp_path)


def test_model_that_is_nowhere_proposes_spelling_and_token(tmp_path: Path, asked: list[str]) -> None:
    assert fault("org/none", tmp_path) == (
        "base.model: org/none (revision default) is neither a folder here nor on the model hub; check the spelling, "
        "or set HF_TOKEN to a token of an account that has been granted access if it is private"
    )


def test_revision_that_is_not_there_is_named(tmp_path: Path, asked: list[str]) -> None:
    assert "org/open (revision gone) is neither" in fault("org/open", tmp_path, "gone")


@pytest.mark.parametrize("model", ["./models/mine", "a/b/c", "mine/", "two words/x"])
def test_name_that_is_neither_folder_nor_hub_id_is_told_as_such(tmp_path: Path, model: str) -> None:
    assert fault(model, tmp_path).startswith(f"base.model: {model} is no folder and no valid hub id: ")


def test_unreachable_hub_proposes_a_folder_and_mentions_the_missing_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach("http://127.0.0.1:9", monkeypatch)
    assert fault("org/open", tmp_path) == (
        "base.model: org/open is no folder here and the model hub cannot be reached; no HF_TOKEN is set either, which "
        "a gated model needs: connect, or copy the model into a folder and name that folder (LocalEntryNotFoundError)"
    )
    monkeypatch.setenv("HF_TOKEN", "hf_mine")
    assert "cannot be reached: connect, or copy the model" in fault("org/open", tmp_path)


def test_offline_mode_is_an_unreachable_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", True)
    assert "the model hub cannot be reached" in fault("org/open", tmp_path)


@pytest.mark.parametrize("model", ["org/broken", "org/dropped"])
def test_hub_that_answers_badly_is_an_unreachable_hub(tmp_path: Path, asked: list[str], model: str) -> None:
    assert "the model hub cannot be reached" in fault(model, tmp_path)


def test_what_was_downloaded_is_used_where_the_hub_is_out_of_reach(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = base_folder("org/open", None, tmp_path, weights=False)
    reach("http://127.0.0.1:9", monkeypatch)
    assert base_folder("org/open", None, tmp_path, weights=False) == folder
    assert "the model hub cannot be reached" in fault("org/open", tmp_path, weights=True)


def test_folders_are_told_apart_by_their_files(tmp_path: Path) -> None:
    one, other = (vocabularies.plain(tmp_path / name) for name in ("one", "other"))
    assert base_identity(one, "one") == base_identity(other, "other")
    (one / "README.md").write_text("What it is.")
    assert base_identity(one, "one") == base_identity(other, "other")
    (other / "config.json").write_text('{"a": 1}')
    assert base_identity(one, "one") != base_identity(other, "other")


def test_json_that_is_damaged_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "tokenizer_config.json").write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(GaeaError) as error:
        read_json(tmp_path, "tokenizer_config.json")
    assert str(error.value).startswith(f"base.model: {tmp_path}/tokenizer_config.json: not readable as JSON (")
    assert str(error.value).endswith("; copy the file again")
    assert read_json(tmp_path, "none.json") == {}
