"""Copy Asterisk, the modules that are loaded, and the libraries they need, out of an unpacked Debian tree."""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

# Loaded by name at run time, so that no list of needed libraries shows them. The last six are the cryptography behind
# encrypted sound: without them res_srtp starts only where the machine happens to have a browser's.
LOADED_BY_NAME = (
    "libnss_files.so.2",
    "libnss_dns.so.2",
    "libresolv.so.2",
    "libsoftokn3.so",
    "libsoftokn3.chk",
    "libfreebl3.so",
    "libfreebl3.chk",
    "libfreeblpriv3.so",
    "libfreeblpriv3.chk",
)
FOLDERS_LOADED_BY_NAME = ("ossl-modules",)
DATA = ("usr/share/asterisk/documentation", "usr/share/asterisk/rest-api")


def needed(loader: Path, libraries: Path, binary: Path) -> set[Path]:
    """Return the libraries the tree's own loader finds for a binary; stop if one is missing."""
    command = [str(loader), "--library-path", str(libraries), "--list", str(binary)]
    listing = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    if missing := re.findall(r"(\S+) => not found", listing):
        sys.exit(f"✗ {binary.name}: 缺少库 missing libraries {', '.join(missing)}")
    return {Path(path) for path in re.findall(r"=> (\S+) \(", listing)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, help="the unpacked tree")
    parser.add_argument("to", type=Path, help="where to copy")
    parser.add_argument("--triplet", required=True, help="e.g. x86_64-linux-gnu")
    parser.add_argument("--loader", required=True, help="the dynamic loader, relative to the root")
    parser.add_argument("modules", nargs="+", help="module files, e.g. app_queue.so")
    args = parser.parse_args()
    root: Path = args.root
    libraries = root / "usr/lib" / args.triplet
    loader = root / args.loader
    binaries = [root / "usr/sbin/asterisk", *(libraries / "asterisk/modules" / name for name in args.modules)]
    if absent := [binary.name for binary in binaries if not binary.exists()]:
        sys.exit(f"✗ 这个 Asterisk 没有 this Asterisk lacks: {', '.join(absent)}")
    by_name = [file for name in LOADED_BY_NAME for file in libraries.glob(name) if file.is_file()]
    by_name += [file for name in LOADED_BY_NAME for file in libraries.glob(f"nss/{name}") if file.is_file()]
    files = {loader, *binaries, *by_name}
    for binary in [*binaries, *(file for file in by_name if ".so" in file.suffixes)]:
        files |= needed(loader, libraries, binary)
    for file in sorted(files):
        target = args.to / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file.resolve(), target)
    for folder in (*DATA, *(f"usr/lib/{args.triplet}/{name}" for name in FOLDERS_LOADED_BY_NAME)):
        if (root / folder).is_dir():
            shutil.copytree(
                root / folder, args.to / folder, dirs_exist_ok=True, ignore_dangling_symlinks=True
            )


if __name__ == "__main__":
    main()
