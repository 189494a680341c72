"""Puts a speech model in place: fetched, unpacked, checked by loading it, and only then used. The old one serves until.

We never ship the public model: a city fetches it itself, and accepts its licence itself.
"""

import hashlib
import os
import secrets
import shutil
import stat
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from ivr.speech import models

MOST_BYTES = 8 * 2**30  # of a model, packed or not; the largest public one has 4.5 GiB
MOST_FILES = 10_000
PIECE = 2**20
PATIENCE = 30.0  # seconds without a byte
LOADING = 300.0  # seconds for which a large model may take to load on a small machine
# In a process of its own: Vosk ends the process it is in when a file of the model is missing.
TRIAL = "import sys, vosk; vosk.KaldiRecognizer(vosk.Model(sys.argv[1]), 8000).AcceptWaveform(bytes(16000))"

Report = Callable[[str], None]


class CannotInstall(Exception):
    """Why the model was not put in place, in words for the person who runs the hotline."""


def install(source: str, state_dir: Path, report: Report, *, sha256: str = "") -> Path:
    """Put the model of a file, folder or address in place and return its folder. The name is switched in one step."""
    home, token = state_dir / models.INSTALLED, secrets.token_hex(6)
    work = home / f".{token}"
    try:
        work.mkdir(parents=True)
        unpacked = _unpacked(_at_hand(source, work, report), work, report, sha256=sha256)
        model = _model_in(unpacked)
        report(f"正在试装 loading {model.name} …")
        _try(model)
        kept = home / token / model.name
        kept.parent.mkdir()
        model.rename(kept)
        _switch(home, work, kept)
    except OSError as error:
        raise CannotInstall(f"无法写入 cannot write below {home}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return kept


def _at_hand(source: str, work: Path, report: Report) -> Path:
    """Return the source as a path; fetch it if it is an address."""
    scheme = urlsplit(source).scheme
    if scheme not in {"http", "https"}:
        path = Path(source)
        if not path.exists():
            raise CannotInstall(f"没有这个文件 there is no such file: {source}")
        return path
    report(f"正在下载 fetching {source} …")
    fetched = work / (PurePosixPath(urlsplit(source).path).name or "model")
    try:
        _fetch(source, fetched)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # the answer that tells of it
        raise CannotInstall(f"下载失败 cannot be fetched: {source}: {reason}") from error
    return fetched


def _fetch(source: str, to: Path) -> None:
    with urllib.request.urlopen(source, timeout=PATIENCE) as answer, to.open("wb") as file:  # noqa: S310  http(s) alone
        got = 0
        while piece := answer.read(PIECE):
            got += len(piece)
            if got > MOST_BYTES:
                raise CannotInstall(f"文件过大 larger than {MOST_BYTES >> 30} GiB")
            file.write(piece)
        wanted = answer.headers.get("Content-Length")
        if wanted and got != int(wanted):
            raise CannotInstall(f"下载不完整 broke off after {got} of {wanted} bytes")


def _unpacked(given: Path, work: Path, report: Report, *, sha256: str) -> Path:
    to = work / "unpacked"
    if given.is_dir():
        if sha256:
            raise CannotInstall("校验和只用于文件 a checksum is of a file, not of a folder")
        model = _model_in(given).resolve()
        if work.resolve().is_relative_to(model):
            raise CannotInstall(f"状态目录在它里面，请另放一处 the state folder lies in it: {model}")
        # Named as it was given: a folder's name tells which model it is.
        shutil.copytree(model, to / model.name)
        return to
    if sha256 and _digest(given) != sha256.lower():
        raise CannotInstall(f"校验和不符 the checksum is another one: {given.name}: {_digest(given)}")
    to.mkdir()
    report(f"正在解包 unpacking {given.name} …")
    try:
        if zipfile.is_zipfile(given):
            _unzip(given, to)
        elif tarfile.is_tarfile(given):
            _untar(given, to)
        else:
            raise CannotInstall(f"不是 zip 或 tar 文件 neither zip nor tar: {given.name}")
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, ValueError) as error:
        raise CannotInstall(f"文件已损坏 the file is damaged: {given.name}: {error}") from error
    return to


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unzip(path: Path, to: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        members = packed.infolist()
        for member in members:
            if stat.S_ISLNK(member.external_attr >> 16):
                raise CannotInstall(f"含有链接，拒绝解包 holds a link: {member.filename}")
        _accept([(member.filename, member.file_size) for member in members])
        packed.extractall(to)  # noqa: S202  every member was looked at


def _untar(path: Path, to: Path) -> None:
    with tarfile.open(path) as packed:
        members = packed.getmembers()
        for member in members:
            if not (member.isreg() or member.isdir()):
                raise CannotInstall(f"含有链接或设备，拒绝解包 holds a link or device: {member.name}")
        _accept([(member.name, member.size) for member in members])
        packed.extractall(to, members, filter="data")


def _accept(members: Iterable[tuple[str, int]]) -> None:
    """Refuse an archive that would write elsewhere, or without end."""
    listed = list(members)
    for name, _ in listed:
        place = PurePosixPath(name.replace("\\", "/"))
        if place.is_absolute() or ".." in place.parts:
            raise CannotInstall(f"路径越界，拒绝解包 would write elsewhere: {name}")
    if sum(size for _, size in listed) > MOST_BYTES or len(listed) > MOST_FILES:
        raise CannotInstall(f"内容过大 more than {MOST_BYTES >> 30} GiB or {MOST_FILES} files")


def _model_in(folder: Path) -> Path:
    """Return the model's own folder, at the top or one or two below it."""
    # The outermost first: a model's own folder "am" looks like a model of the old kind.
    for found in (folder, *sorted(folder.glob("*")), *sorted(folder.glob("*/*"))):
        if found.is_dir() and models.is_model(found):
            return found
    raise CannotInstall("里面没有语音模型（am/final.mdl） no Vosk model is in it")


def _try(model: Path) -> None:
    command = [sys.executable, "-P", "-c", TRIAL, str(model)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LOADING, check=False)
    except subprocess.TimeoutExpired:
        raise CannotInstall(f"模型 {LOADING:g} 秒内无法载入 the model does not load in time") from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        said = next((line for line in lines if "ERROR" in line), lines[-1] if lines else "")
        raise CannotInstall(
            f"模型无法载入，仍用原来的 the model does not load, the old one stays: {said[:300]}"
        )


def _switch(home: Path, work: Path, kept: Path) -> None:
    """Let the name point to the new model; what it pointed to before is removed."""
    name = home / "model"
    before = name.resolve() if name.is_symlink() else None
    if name.is_dir() and before is None:  # put there by hand
        name.rename(home / f"model-{kept.parent.name}")
    link = work / "link"
    link.symlink_to(os.path.relpath(kept, home))
    link.replace(name)
    if before is not None and before.parent.parent == home.resolve():
        shutil.rmtree(before.parent, ignore_errors=True)
