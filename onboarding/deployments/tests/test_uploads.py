"""Files that people upload as evidence: the attacks, one by one. What is refused leaves nothing behind."""

import io
import socketserver
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User
from audit.models import Event
from onboarding.deployments.models import Evidence, EvidenceVersion, Item
from onboarding.vault import files
from tenancy.scope import scope
from testing.scenes import Scene
from web.uploads import FileRefused, archives
from web.uploads.pictures import without_metadata
from web.uploads.scanning import ScannerDown, clamd

ClientOf = Callable[[User], Client]
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
OFFICE = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}


@pytest.fixture
def store_at(tmp_path: Path, settings: Any) -> Path:
    settings.STATE_DIR = tmp_path
    return tmp_path


def office(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


class Desk:
    """Somebody at the host who adds files to an item."""

    def __init__(self, scene: Scene, client: Client) -> None:
        self.scene, self.client = scene, client
        with scope(scene.world.host.pk):
            self.number = Item.objects.filter(deployment=scene.deployment, state="todo").order_by("number")[0].number
        self.at = f"/o/host/deployments/{scene.deployment.pk}"

    def add(self, name: str, content: bytes, said_type: str = "application/octet-stream") -> Any:
        file = SimpleUploadedFile(name, content, content_type=said_type)
        return self.client.post(f"{self.at}/items/{self.number}/evidence", {"file": file})

    def kept(self) -> list[EvidenceVersion]:
        with scope(self.scene.world.host.pk):
            return list(EvidenceVersion.objects.order_by("at"))

    def folder(self) -> list[Path]:
        place = files.path_of(self.scene.world.host.pk, "x").parent
        return sorted(place.iterdir()) if place.exists() else []


@pytest.fixture
def desk(scene: Scene, client_of: ClientOf, store_at: Path) -> Desk:
    return Desk(scene, client_of(scene.world.manager))


REFUSED = {
    "an SVG with a script": ("drawing.svg", SCRIPT, "kind that cannot be stored"),
    "a page": ("page.html", b"<html><script>alert(1)</script></html>", "kind that cannot be stored"),
    "a program named as a PDF": ("report.pdf", b"MZ\x90\x00" + bytes(60), "kind that cannot be stored"),
    "a program named as a text": ("notes.txt", b"MZ\x90\x00\x03" + bytes(60), "kind that cannot be stored"),
    "a PDF named as a picture": ("photo.png", b"%PDF-1.7\n", "should end in .pdf"),
    "a picture named as a document": ("report.docx", b"\x89PNG\r\n\x1a\n" + bytes(60), "should end in .png"),
    "an archive": ("files.zip", office({"a.txt": b"a"}), "is an archive"),
    "an archive named as a document": ("report.docx", office({"a.txt": b"a"}), "not a plain Office document"),
    "a document with a macro": ("report.docx", office({**OFFICE, "word/vbaProject.bin": b"x"}), "macros cannot be stored"),
    "a path that climbs out": ("report.docx", office({**OFFICE, "../../etc/passwd": b"x"}), "leads out of it"),
    "a path from the root": ("report.docx", office({**OFFICE, "/etc/passwd": b"x"}), "leads out of it"),
    "a Windows path": ("report.docx", office({**OFFICE, "..\\..\\x.exe": b"x"}), "leads out of it"),
    "a bomb": ("report.docx", office({**OFFICE, "word/media/1.xml": bytes(30 * 1024 * 1024)}), "packed more tightly"),
    "many parts": ("report.docx", office({**OFFICE, **{f"x/{n}": b"" for n in range(5001)}}), "more than 5,000 parts"),
    "a damaged archive": ("report.docx", office(OFFICE)[:-40], "is damaged"),
    "a picture cut short": ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "damaged"),
    "nothing": ("empty.txt", b"", "is empty"),
}  # fmt: skip


@pytest.mark.asvs("V5.2.2")
@pytest.mark.parametrize(("name", "content", "says"), REFUSED.values(), ids=REFUSED)
def test_what_may_not_be_kept_is_refused_with_the_reason_and_leaves_nothing(
    desk: Desk, name: str, content: bytes, says: str
) -> None:
    for said_type in ("application/pdf", "image/png"):  # what the browser claims counts for nothing
        answer = desk.add(name, content, said_type)
        assert answer.status_code == 422
        assert says in answer.content.decode()
    assert (desk.kept(), desk.folder()) == ([], [])


@pytest.mark.asvs("V5.2.3")
def test_a_directory_that_lies_about_sizes_does_not_get_a_bomb_in(tmp_path: Path) -> None:
    content = bytearray(office({**OFFICE, "word/media/1.xml": bytes(30 * 1024 * 1024)}))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)  # the directory says ten bytes
    path = tmp_path / "report.docx"
    path.write_bytes(content)
    archives.check_office(path, "report.docx")  # nothing here unpacks by what the directory does not say
    with zipfile.ZipFile(path) as archive, pytest.raises(zipfile.BadZipFile):
        archive.read("word/media/1.xml")


@pytest.mark.asvs("V5.2.3")
def test_all_parts_together_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    path.write_bytes(office({**OFFICE, **{f"{n}.xml": bytes(900_000) for n in range(3)}}))
    with pytest.raises(FileRefused, match="unpacks to more than 2 MB"):
        archives.check_office(path, "report.docx", archives.Bounds(unpacked=2 * 1024 * 1024))


@pytest.mark.asvs("V5.2.1")
def test_a_file_over_the_limit_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 1024 * 1024)
    answer = desk.add("big.txt", b"a" * (1024 * 1024 + 1))
    assert (answer.status_code, "larger than 1 MB" in answer.content.decode()) == (422, True)
    assert (desk.kept(), desk.folder()) == ([], [])


@pytest.mark.asvs("V5.2.1")
def test_a_request_larger_than_any_page_takes_is_refused_before_it_is_kept(desk: Desk, settings: Any) -> None:
    settings.LARGEST_UPLOAD = 200_000
    assert desk.add("big.txt", b"a" * 200_001).status_code == 400
    assert (desk.kept(), desk.folder()) == ([], [])
    assert desk.add("small.txt", b"a" * 1000).status_code == 302


@pytest.mark.asvs("V5.2.4")
def test_the_quota_counts_what_is_kept_and_the_same_bytes_once(desk: Desk, settings: Any) -> None:
    settings.FILES_QUOTA = 1000
    assert desk.add("one.txt", b"a" * 600).status_code == 302
    answer = desk.add("two.txt", b"b" * 600)
    assert (answer.status_code, "ask the operator for more" in answer.content.decode()) == (422, True)
    assert desk.add("again.txt", b"a" * 600).status_code == 302
    assert [version.name for version in desk.kept()] == ["one.txt", "again.txt"]
    assert len(desk.folder()) == 1


def test_the_quota_of_one_organization_is_no_others(desk: Desk, settings: Any) -> None:
    settings.FILES_QUOTA = 1000
    files.store(desk.scene.world.elsewhere.pk, "theirs.txt", [b"c" * 900])
    assert desk.add("one.txt", b"a" * 600).status_code == 302


def picture(kind: str, **saved: Any) -> bytes:
    out = io.BytesIO()
    image = Image.effect_noise((48, 32), 80).convert("RGB")
    image.save(out, kind, **saved)
    return out.getvalue()


def told(orientation: int = 6) -> Any:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110] = orientation, "Phone maker", "Phone model"
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (36.0, 4.0, 12.0)
    return exif


@pytest.mark.parametrize("progressive", [False, True])
def test_a_photo_loses_place_camera_and_comment_and_keeps_pixels_profile_and_which_side_is_up(
    progressive: bool,
) -> None:
    profile = b"profile of colors" * 10
    content = picture(
        "JPEG", exif=told(), comment=b"ward 3", icc_profile=profile, progressive=progressive,
        xmp=b"<x:xmpmeta>creator</x:xmpmeta>",
    ) + b"\xff\xd8\xff\xe1another picture with its own Exif: Phone maker"  # fmt: skip
    assert all(word in content for word in (b"Phone maker", b"ward 3", b"creator"))
    kept = without_metadata(content, "image/jpeg")
    assert not any(word in kept for word in (b"Phone maker", b"Phone model", b"ward 3", b"creator"))
    before, after = Image.open(io.BytesIO(content)), Image.open(io.BytesIO(kept))
    assert before.tobytes() == after.tobytes()
    assert after.info["icc_profile"] == profile
    assert dict(after.getexif()) == {0x0112: 6}
    assert not after.getexif().get_ifd(0x8825)
    assert without_metadata(kept, "image/jpeg") == kept


def test_a_screenshot_loses_its_words_and_keeps_its_pixels() -> None:
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Author", "Somebody Real")
    words.add_itxt("Comment", "ward 3", zip=True)
    content = picture("PNG", pnginfo=words, exif=told(1)) + b"trailing Somebody Real"
    kept = without_metadata(content, "image/png")
    assert b"Somebody Real" not in kept
    assert b"Phone maker" not in kept
    before, after = Image.open(io.BytesIO(content)), Image.open(io.BytesIO(kept))
    assert (before.tobytes(), after.info.get("Author")) == (after.tobytes(), None)


def test_what_is_downloaded_holds_no_place(desk: Desk) -> None:
    assert desk.add("photo.jpg", picture("JPEG", exif=told())).status_code == 302
    (version,) = desk.kept()
    answer = desk.client.get(f"{desk.at}/evidence/{version.evidence_id}/1")
    body = b"".join(answer.streaming_content)
    assert b"Phone maker" not in body
    assert (version.size, version.content_type) == (len(body), "image/jpeg")


@pytest.mark.asvs("V3.2.1")
def test_a_file_is_served_as_a_sandboxed_download_whatever_is_in_it(desk: Desk) -> None:
    assert desk.add("../../we;ird <b>.txt", b"<script>alert(1)</script>", "text/html").status_code == 302
    (version,) = desk.kept()
    answer = desk.client.get(f"{desk.at}/evidence/{version.evidence_id}/1")
    b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "text/plain"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert version.name == "we;ird <b>.txt"


@pytest.mark.asvs("V5.3.2", "V5.4.2")
def test_a_name_keeps_no_folder_and_no_line_break() -> None:
    assert files.clean_name("..\\..\\a\r\nSet-Cookie: b.txt") == "aSet-Cookie: b.txt"
    assert files.clean_name("/etc/") == "file"


# --- The scanner, which speaks clamd's protocol over a real socket ---------------------------------------------------


class _Clamd(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
        if b"nonsense" in content:
            self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
        else:
            self.wfile.write(b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0")


@pytest.fixture
def scanner(settings: Any) -> Iterator[None]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Clamd) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings.CLAMD_ADDRESS = f"tcp://127.0.0.1:{server.server_address[1]}"
        settings.CLAMD_TIMEOUT = 5.0
        settings.MALWARE_SCANNER = "web.uploads.scanning.clamd"
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def test_a_clean_file_says_that_it_was_scanned(desk: Desk, scanner: None) -> None:
    assert desk.add("notes.txt", b"a" * 200_000).status_code == 302
    assert [version.scan for version in desk.kept()] == ["clean"]


def test_without_a_scanner_a_file_says_that_it_was_not_scanned(desk: Desk) -> None:
    assert desk.add("notes.txt", b"a").status_code == 302
    assert [version.scan for version in desk.kept()] == ["not scanned"]


@pytest.mark.asvs("V5.4.3")
def test_malware_goes_into_quarantine_is_on_record_and_is_served_by_nothing(
    desk: Desk, scanner: None, store_at: Path
) -> None:
    answer = desk.add("notes.txt", EICAR)
    assert (answer.status_code, "Eicar-Signature" in answer.content.decode()) == (422, True)
    assert (desk.kept(), desk.folder()) == ([], [])
    host = desk.scene.world.host.pk
    (held,) = (store_at / "quarantine" / str(host)).iterdir()
    assert held.read_bytes() == EICAR
    assert held.stat().st_mode & 0o777 == 0o600
    with scope(host):
        assert not Evidence.objects.exists()
        event = Event.objects.get(action="evidence.held_back")
        assert (event.data["sha256"], event.data["found"]) == (held.name, "Eicar-Signature")
        assert event.actor_id == desk.scene.world.manager.pk


@pytest.mark.parametrize("content", [b"nonsense"])
def test_a_scanner_that_says_nothing_sensible_is_down(scanner: None, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ScannerDown, match="size limit exceeded"):
        clamd(path)


@pytest.mark.parametrize(("required", "status"), [(True, 422), (False, 302)])
def test_where_the_scanner_is_down_policy_decides(desk: Desk, settings: Any, required: bool, status: int) -> None:
    settings.MALWARE_SCANNER, settings.CLAMD_ADDRESS = "web.uploads.scanning.clamd", "unix:///nowhere/clamd.sock"
    settings.MALWARE_SCAN_REQUIRED = required
    assert desk.add("notes.txt", b"a").status_code == status
    assert [version.scan for version in desk.kept()] == ([] if required else ["not scanned"])
    assert len(desk.folder()) == (0 if required else 1)


def test_scanning_can_be_required_where_no_scanner_is_set_up(desk: Desk, settings: Any) -> None:
    settings.MALWARE_SCANNER, settings.MALWARE_SCAN_REQUIRED = "", True
    answer = desk.add("notes.txt", b"a")
    assert (answer.status_code, "no malware scanner is set up" in answer.content.decode()) == (422, True)
    assert (desk.kept(), desk.folder()) == ([], [])
