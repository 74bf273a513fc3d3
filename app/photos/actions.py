"""Taking photos in: before any transaction, since decoding and writing files is slow."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlite_utils import Database

from app import metrics
from app.audit import store as audit
from app.db import transaction
from app.errors import Invalid, Unavailable
from app.i18n import N_
from app.people.models import User
from app.photos import files
from app.photos.intake import PhotoRefused, Picture, Reason, take_in

log = logging.getLogger("qifang")

MOST_PHOTOS = 9
"""Photos of one visit, one report or one answer."""

REASON_WORDS: Mapping[Reason, str] = {
    Reason.EMPTY: N_("第 %(nth)d 张照片是空文件，请重新拍摄或选择。"),
    Reason.TOO_LARGE_BYTES: N_("第 %(nth)d 张照片太大，请压缩或重新拍摄后再传。"),
    Reason.TOO_MANY_PIXELS: N_("第 %(nth)d 张照片尺寸过大，请缩小后再传。"),
    Reason.NOT_A_PHOTO: N_("第 %(nth)d 个文件不是照片，请选择 JPEG、PNG 或 WebP 图片。"),
    Reason.TRUNCATED: N_("第 %(nth)d 张照片已损坏或不完整，请重新拍摄或选择。"),
    Reason.HEIC_UNSUPPORTED: N_(
        "第 %(nth)d 张是 HEIC 格式，本系统暂不能读取。请在手机相机设置中选“兼容性最佳”后重拍，或转成 JPEG。"
    ),
}
NO_FOLDER = N_("服务器的照片文件夹暂时不可用，照片没有入库。请联系市营商办处理后再试。")
TOO_MANY_PHOTOS = N_("一次最多 9 张照片，请减少后再提交。")


def receive(uploads: Iterable[IO[bytes]], *, folder: Path, max_bytes: int, field: str = "photos") -> list[Picture]:
    """Decode, clean and store uploads; the pictures, on disk and ready to be named in the database.

    Raises Invalid (on `field`, naming which photo and what to do), Unavailable when the folder is gone (a disk that is
    not mounted), OSError when the disk is full.
    """
    uploads = list(uploads)
    if len(uploads) > MOST_PHOTOS:
        raise Invalid(fields={field: TOO_MANY_PHOTOS})
    with metrics.photo_seconds.time():
        return _receive(uploads, folder=folder, max_bytes=max_bytes, field=field)


def _receive(uploads: list[IO[bytes]], *, folder: Path, max_bytes: int, field: str) -> list[Picture]:
    pictures = []
    for nth, upload in enumerate(uploads, start=1):
        try:
            pictures.append(take_in(upload, max_bytes=max_bytes))
        except PhotoRefused as refusal:
            raise Invalid(
                REASON_WORDS[refusal.reason], fields={field: REASON_WORDS[refusal.reason]}, nth=nth
            ) from refusal
    try:
        for picture in pictures:
            files.save(folder, picture.sha256, "main", picture.main)
            files.save(folder, picture.sha256, "thumb", picture.thumb)
    except FileNotFoundError as error:
        log.error("the folder of photos is gone", exc_info=error)
        raise Unavailable(NO_FOLDER) from error
    return pictures


def record_export(db: Database, object_: str, count: int, *, by: User, now: datetime) -> None:
    """Write down who took out how many photos of a visit or an issue ('issue:12')."""
    with transaction(db):
        audit.add_entry(db, "photos_exported", object_, by_id=by.id, now=now, detail=str(count))
