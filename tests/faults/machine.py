"""A machine whose disk and clock fail on demand: the server runs with forgetful.c preloaded."""

import os
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

PAGE = 4096


@dataclass
class Machine:
    """Where a server's data lie, what of them would survive a power cut, and what is wrong with disk and clock."""

    folder: Path
    library: Path
    shadow: Path = field(init=False)
    flags: Path = field(init=False)

    def __post_init__(self):
        self.shadow = self.folder.with_name(f"{self.folder.name}.shadow")
        self.flags = self.folder.with_name(f"{self.folder.name}.flags")
        self.flags.mkdir()
        self.settle()

    @property
    def environment(self) -> dict[str, str]:
        """With these variables the server runs on this machine."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAULT_ROOT": str(self.folder),
            "FAULT_SHADOW": str(self.shadow),
            "FAULT_FLAGS": str(self.flags),
        }

    def begin(self, fault: str, value: object = "") -> None:
        """Switch a fault on: full, readonly, lies, or clock with seconds to add."""
        (self.flags / f"{fault}.part").write_text(str(value))
        (self.flags / f"{fault}.part").replace(self.flags / fault)

    def end(self, fault: str) -> None:
        """Switch it off."""
        (self.flags / fault).unlink()

    def settle(self) -> None:
        """Everything that is there now is on the disk (as after a clean start)."""
        shutil.rmtree(self.shadow, ignore_errors=True)
        self.shadow.mkdir()
        for folder, _names, files in os.walk(self.folder):
            entries = [(entry.inode(), entry.name) for entry in os.scandir(folder)]
            names = "".join(f"{inode} {name}\n" for inode, name in entries)
            (self.shadow / f"{Path(folder).stat().st_ino}.names").write_text(names)
            for name in files:
                shutil.copyfile(Path(folder) / name, self.shadow / str((Path(folder) / name).stat().st_ino))

    def cut_power(self, dice: random.Random | None = None) -> int:
        """What a dead server's folder holds when the power is back: what was synced, and of the rest, page by page and
        name by name, what the dice say (nothing without dice). How many files and folders differ from before the cut.
        """
        after = self.folder.with_name(f"{self.folder.name}.after")
        by_inode = {path.stat().st_ino: path for path in [self.folder, *self.folder.rglob("*")]}
        lost = self._remember(self.folder, after, by_inode, dice)
        shutil.rmtree(self.folder)
        after.rename(self.folder)
        self.settle()
        return lost

    def _remember(self, folder: Path, after: Path, by_inode: dict[int, Path], dice: random.Random | None) -> int:
        after.mkdir()
        now = {entry.name: entry.inode() for entry in os.scandir(folder)}
        kept = self._names(folder.stat().st_ino)
        lost = 0
        for name in sorted(now.keys() | kept.keys()):
            there = now.get(name) if dice and dice.random() < 0.5 else kept.get(name)
            lost += there != now.get(name)
            if there is None:
                continue
            path = by_inode.get(there)
            if path is not None and path.is_dir():
                lost += self._remember(path, after / name, by_inode, dice)
                continue
            content = self._content(there, path, dice)
            lost += path is None or content != path.read_bytes()
            (after / name).write_bytes(content)
            if path is not None:
                shutil.copymode(path, after / name)
        return lost

    def _names(self, inode: int) -> dict[str, int]:
        """A folder's names as of its last sync; none where it never was."""
        path = self.shadow / f"{inode}.names"
        lines = path.read_text().splitlines() if path.exists() else []
        return {name: int(number) for number, name in (line.split(" ", 1) for line in lines)}

    def _content(self, inode: int, path: Path | None, dice: random.Random | None) -> bytes:
        kept = (self.shadow / str(inode)).read_bytes() if (self.shadow / str(inode)).exists() else b""
        if dice is None or path is None:
            return kept
        now = path.read_bytes()
        length = dice.choice([len(kept), len(now)])
        pages = []
        for at in range(0, length, PAGE):
            page = dice.choice([kept, now])[at : at + PAGE]
            pages.append(page.ljust(min(PAGE, length - at), b"\0"))
        return b"".join(pages)
