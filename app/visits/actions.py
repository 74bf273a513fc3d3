"""Recording a visit: once, whatever the network does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from app.campaigns import store as campaigns
from app.db import transaction
from app.departments import store as departments
from app.errors import Conflict, Invalid, NotFound
from app.firms import store as firms
from app.firms.actions import NO_SUCH_FIRM
from app.i18n import N_
from app.issues import actions as issues
from app.people.models import User
from app.photos import store as photos
from app.photos.intake import Picture
from app.places.distance import Position, distance_m
from app.visits import store
from app.visits.models import NewVisit

OTHER_BODY = N_("这条走访已经入库，内容与这次提交的不同。请打开已入库的走访核对，如需补充请另记一条。")


def record_visit(
    db: Database,
    new: NewVisit,
    *,
    pictures: Sequence[Picture],
    issue_pictures: Sequence[Sequence[Picture]],
    by: User,
    now: datetime,
    announced: Sequence[Sequence[str]] | None = None,
) -> int:
    """Store a visit with its photos and problems, all or nothing; its id. The same sending twice is one visit.

    `issue_pictures` has one list for each of `new.issues`; `announced` stands for both where the photos follow later:
    their hashes, in the same order. Such a record was kept on a phone, perhaps for weeks: what was right when it was
    made (a firm of hers, a category in use) is taken although it has changed since. Raises NotFound for a firm out of
    scope or another person's key, Conflict for the same key with other content, Invalid for a category not in use.
    """
    hashes = [[each.original_sha256 for each in group] for group in (pictures, *issue_pictures)]
    was_kept = announced is not None
    body_sha256 = new.body_sha256(hashes if announced is None else announced)
    with transaction(db):
        receipt = store.get_receipt(db, new.client_key)
        if receipt:
            if receipt["officer_id"] != by.id:
                raise NotFound(N_("没有这条走访。"))
            if receipt["body_sha256"] != body_sha256:
                raise Conflict(OTHER_BODY)
            return receipt["id"]
        firm = firms.get_firm(db, new.firm_id, visible_to=by, once=was_kept)
        if firm is None:
            raise NotFound(NO_SUCH_FIRM)
        for position, issue in enumerate(new.issues):
            if departments.get_category(db, issue.category_id, once=was_kept) is None:
                raise Invalid(fields={f"issues-{position}-category_id": N_("请选择问题类别。")})
        distance = None
        if new.latitude is not None and new.longitude is not None and firm.latitude is not None:
            assert firm.longitude is not None
            distance = distance_m(
                Position(new.latitude, new.longitude, new.accuracy_m), Position(firm.latitude, firm.longitude, None)
            )
        visit_id = store.insert_visit(
            db,
            new,
            body_sha256=body_sha256,
            district_id=firm.district_id,
            officer_id=by.id,
            distance_m=distance,
            now=now,
        )
        assert visit_id is not None, "the key was free a line ago, inside this transaction"
        known = campaigns.list_known(db, [number for number, _answer in new.answers])
        for number, answer in new.answers:
            store.insert_answer(
                db, visit_id, number=number, question_id=number if number in known else None, answer=answer
            )
        for position, picture in enumerate(pictures):
            photos.insert_photo(db, picture, visit_id=visit_id, position=position, added_by=by.id, now=now)
        for issue, group in zip(new.issues, issue_pictures, strict=True):
            issues.report(
                db,
                replace(issue, latitude=new.latitude, longitude=new.longitude, accuracy_m=new.accuracy_m),
                firm_id=firm.id,
                district_id=firm.district_id,
                visit_id=visit_id,
                pictures=group,
                by=by,
                now=now,
            )
        return visit_id
