"""The demo's photos: a few drawings of each scene, taken in like any upload and used again and again."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from app.demo import drawings
from app.photos import files
from app.photos.intake import Picture, take_in

VARIANTS = 3
_MOST_BYTES = 5_000_000


def draw_pictures(folder: Path, *, seed: int, variants: int) -> dict[str, tuple[Picture, ...]]:
    """Draw, take in and store some pictures of each scene, two at a time."""
    files.prepare(folder)
    wanted = [(scene, number) for scene in drawings.SCENES for number in range(variants)]

    def one(which: tuple[str, int]) -> Picture:
        scene, number = which
        picture = take_in(drawings.draw_photo(Random(f"{seed} {scene} {number}"), scene), max_bytes=_MOST_BYTES)
        files.save(folder, picture.sha256, "main", picture.main)
        files.save(folder, picture.sha256, "thumb", picture.thumb)
        return picture

    with ThreadPoolExecutor(2) as pool:
        drawn = list(pool.map(one, wanted))
    return {
        scene: tuple(picture for (each, _), picture in zip(wanted, drawn, strict=True) if each == scene)
        for scene in drawings.SCENES
    }
