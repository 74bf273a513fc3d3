"""A full city in a fresh instance folder, of any size, in minutes: `python -m benchmarks.city FOLDER --issues 50000`.

The same rules as in real use say what each move does (`lives.py`); only the writing is in bulk. `check` then asks the
app's own questions: foreign keys, both chains, and on a sample of issues whether clocks and status follow from the
history.
"""

import argparse
import sys
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlite_utils import Database
from werkzeug.security import generate_password_hash

from app import chain
from app.clock import day_of, from_text, midnight, now, to_text
from app.db import connect, migrate
from app.demo import texts
from app.demo.firms import invented_credit_code
from app.demo.pictures import draw_pictures
from app.issues import actions as issue_actions
from app.issues import history_store
from app.people.actions import hash_of
from app.reference import load_reference
from app.rules import store as rules
from app.search import initials, spaced
from app.settings import set_setting
from benchmarks.tellers import COLUMNS, Picture, Told, World, clock_row, spans

ROLES = ("officer", "handler", "dispatcher", "head", "office", "auditor")
HOME_DISTRICT, HOME_DEPARTMENT = 410411, 39
PASSWORD = "demo"  # noqa: S105 (of invented people)
HANDLERS_EACH = 6
PHOTO_COLUMNS = "sha256 original_sha256 {of} position width height byte_count added_by added_at"
_NOTICED = {
    "report": "reported",
    "dispatch": "assigned",
    "answer": "answered",
    "verify": "verified",
    "confirm": "confirmed",
    "return": "returned",
    "urge": "urged",
    "supervise": "supervised",
}


@dataclass(frozen=True)
class Size:
    """How large a city is. Visits and issues come at the same pace each week; more of them reach further back."""

    officers: int = 650
    firms: int = 2_000
    visits: int = 100_000
    issues: int = 50_000
    issues_a_week: int = 1_000
    districts: int = 12

    @property
    def weeks(self) -> float:
        """How far back the history reaches."""
        return self.issues / self.issues_a_week


CITY = Size()
PROVINCE = Size(officers=76_000, firms=135_000, visits=2_000_000, issues=1_000_000, issues_a_week=67_000, districts=156)


@dataclass
class Making:
    """A city being made."""

    db: Database
    seed: int
    size: Size
    now: datetime
    pictures: list[Picture]
    districts: list[int] = field(default_factory=list)
    officers: dict[int, list[int]] = field(default_factory=dict)  # by district
    handlers: dict[int, list[int]] = field(default_factory=dict)  # by department
    dispatchers: dict[int, int] = field(default_factory=dict)
    heads: dict[int, int] = field(default_factory=dict)
    office: int = 0
    firms: list[tuple[int, int, int, str]] = field(default_factory=list)  # id, district, lead officer, name
    demo_firms: list[int] = field(default_factory=list)  # positions in `firms` of the account named officer

    def many(self, table: str, names: str, rows: Iterable[tuple]) -> None:
        """Insert rows of these columns."""
        marks = ", ".join("?" for _ in names.split())
        self.db.conn.executemany(f"INSERT INTO {table} ({', '.join(names.split())}) VALUES ({marks})", rows)  # noqa: S608


def make(folder: Path, size: Size, *, seed: int = 2026, at: datetime | None = None, echo=print) -> None:
    """Fill a new instance folder. Every role has an account of its own name, password `demo`."""
    folder.mkdir(parents=True)
    path = folder / "qifang.db"
    migrate(path)
    db = connect(path)
    load_reference(db)
    db.conn.execute("UPDATE limits SET valid_from = '2000-01-01T00:00:00Z'")  # for histories longer than the product's
    began = time.perf_counter()
    drawn = draw_pictures(folder / "photos", seed=seed, variants=1)
    pictures = [
        Picture(each.sha256, each.original_sha256, each.width, each.height, len(each.main))
        for group in drawn.values()
        for each in group
    ]
    city = Making(db, seed, size, at or now(), pictures)
    with bulk(db, echo):
        for step in (add_places, add_people, add_firms, add_visits, add_issues, add_sessions):
            started = time.perf_counter()
            db.conn.execute("BEGIN")
            step(city)
            db.conn.execute("COMMIT")
            echo(f"{step.__name__[4:]}: {time.perf_counter() - started:.1f} s")
    db.conn.close()
    echo(f"{path}: {path.stat().st_size / 1e6:,.0f} MB in {time.perf_counter() - began:.0f} s")


@contextmanager
def bulk(db: Database, echo) -> Iterator[None]:
    """No journal, no waiting for the disk, and the indexes made at the end, which is faster than keeping them.

    A gigabyte of cache, for those on hashes cannot be left for the end.
    """
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -1000000"):
        db.conn.execute(f"PRAGMA {pragma}")
    indexes = db.conn.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN"
        " ('visits', 'issues', 'issue_events', 'issue_clocks', 'notices', 'photos', 'audit_log', 'firm_links')"
    ).fetchall()
    for row in indexes:
        db.conn.execute(f"DROP INDEX {row['name']}")
    yield
    for pragma in ("shrink_memory", "cache_size = -200000", "threads = 2"):
        db.conn.execute(f"PRAGMA {pragma}")
    started = time.perf_counter()
    for row in indexes:
        db.conn.execute(row["sql"])
    echo(f"indexes: {time.perf_counter() - started:.1f} s")
    db.conn.execute("PRAGMA journal_mode = WAL")


def add_places(city: Making) -> None:
    """The districts; a province has the city's twelve again and again under other codes."""
    own = city.db.conn.execute("SELECT * FROM districts ORDER BY id").fetchall()
    towns = city.db.conn.execute("SELECT * FROM townships ORDER BY id").fetchall()
    city.districts = [row["id"] for row in own]
    for nth in range(len(own), city.size.districts):
        like, code = own[nth % len(own)], 420_000 + nth
        city.many(
            "districts",
            "id name short_name name_en kind latitude longitude area_km2",
            [
                (
                    code,
                    f"{like['name']}{nth}",
                    f"{like['short_name']}{nth}",
                    f"{like['name_en']} {nth}",
                    like["kind"],
                    like["latitude"],
                    like["longitude"],
                    like["area_km2"],
                )
            ],
        )
        city.many(
            "townships",
            "id district_id name name_en kind",
            [
                (code * 1000 + at, code, row["name"], row["name_en"], row["kind"])
                for at, row in enumerate(towns)
                if row["district_id"] == like["id"]
            ],
        )
        city.districts.append(code)


def add_people(city: Making) -> None:
    """Accounts; only the six named after their roles have a password."""
    hashed, created = generate_password_hash(PASSWORD), to_text(city.now - timedelta(days=400))
    rows: list[tuple] = []

    def add(name: str, role: str, district: int | None = None, department: int | None = None) -> int:
        user_id = len(rows) + 1
        rows.append((user_id, name, hashed if name in ROLES else "!", name, role, district, department, created))
        return user_id

    each = max(city.size.officers // len(city.districts), 1)
    for district in city.districts:
        is_home = district == HOME_DISTRICT
        city.dispatchers[district] = add("dispatcher" if is_home else f"dispatcher-{district}", "dispatcher", district)
        city.heads[district] = add("head" if is_home else f"head-{district}", "head", district)
        city.officers[district] = [
            add("officer" if is_home and nth == 0 else f"officer-{district}-{nth}", "officer", district)
            for nth in range(each)
        ]
    for (department,) in city.db.conn.execute("SELECT id FROM departments ORDER BY id").fetchall():
        is_home = department == HOME_DEPARTMENT
        city.handlers[department] = [
            add("handler" if is_home and nth == 0 else f"handler-{department}-{nth}", "handler", None, department)
            for nth in range(HANDLERS_EACH)
        ]
    city.office = add("office", "office")
    add("auditor", "auditor")
    city.many("users", "id username password_hash name role district_id department_id created_at", rows)


def add_firms(city: Making) -> None:
    """Firms spread over the districts, each with its lead officer; findable."""
    rng, created = Random(f"{city.seed} firms"), to_text(city.now - timedelta(days=400))
    towns: dict[int, list] = {}
    for row in city.db.conn.execute("SELECT id, district_id FROM townships").fetchall():
        towns.setdefault(row["district_id"], []).append(row["id"])
    places = {row["id"]: row for row in city.db.conn.execute("SELECT * FROM districts").fetchall()}
    taken: set[str] = set()
    firms, leads, words = [], [], []
    for nth in range(city.size.firms):
        district = city.districts[nth % len(city.districts)]
        trade = texts.pick_trade(rng)
        name = texts.firm_name(rng, taken, places[district]["short_name"], trade)
        taken.add(name)
        officers = city.officers[district]
        is_demo = district == HOME_DISTRICT and len(city.demo_firms) < 23
        officer = officers[0] if is_demo else officers[nth // len(city.districts) % len(officers)]
        if officer == city.officers[HOME_DISTRICT][0]:
            city.demo_firms.append(nth)
        code = invented_credit_code(nth + 1)
        firm_id = nth + 1
        firms.append(
            (
                firm_id,
                name,
                code,
                district,
                rng.choice(towns[district]),
                f"建设路{nth}号",
                trade.industry,
                "小型",
                "负责人",
                texts.phone(rng),
                "stopped" if rng.random() < 0.03 else "operating",
                round(places[district]["latitude"] + rng.uniform(-0.1, 0.1), 5),
                round(places[district]["longitude"] + rng.uniform(-0.1, 0.1), 5),
                "roster",
                created,
            )
        )
        leads.append((firm_id, officer, 1, created[:10]))
        words.append((firm_id, spaced(name), initials(name), spaced(code)))
        city.firms.append((firm_id, district, officer, name))
    city.many(
        "firms",
        "id name credit_code district_id township_id address industry size contact_name contact_phone"
        " status latitude longitude position_source created_at",
        firms,
    )
    city.many("firm_officers", "firm_id user_id is_lead from_on", leads)
    city.many("firms_fts", "rowid name initials credit_code", words)
    add_campaigns(city)


def add_campaigns(city: Making) -> None:
    """Four rounds of every firm, a quarter each; the last one runs."""
    quarter, today = timedelta(days=92), day_of(city.now)
    rounds = []
    for nth in range(4):
        first, last = today - quarter * nth - timedelta(days=30), today - quarter * (nth - 1) - timedelta(days=31)
        begun, ended = to_text(midnight(first)), to_text(midnight(last)) if nth else None
        name, status = f"第{nth}轮大走访", "ended" if nth else "running"
        rounds.append((nth + 1, name, first.isoformat(), last.isoformat(), status, begun, begun, ended))
    city.many("campaigns", "id name from_on to_on status created_at begun_at ended_at", rounds)
    firms = [(each[0], firm[0], each[5]) for each in rounds for firm in city.firms]
    city.many("campaign_firms", "campaign_id firm_id added_at", firms)


def world_of(city: Making) -> World:
    """What the tellers of issues are to know of the city."""
    db, size = city.db, city.size
    limits, calendar = rules.limits_and_calendar(db)
    departments: dict[int, tuple[int, ...]] = {}
    for row in db.conn.execute("SELECT category_id, department_id FROM category_departments ORDER BY 1, position"):
        departments[row[0]] = (*departments.get(row[0], ()), row[1])
    return World(
        seed=city.seed,
        issues=size.issues,
        visits=size.visits,
        now=city.now,
        begun=city.now - timedelta(weeks=size.weeks),
        pictures=city.pictures,
        firms=city.firms,
        demo_firms=city.demo_firms,
        dispatchers=city.dispatchers,
        heads=city.heads,
        office=city.office,
        handlers=city.handlers,
        departments=departments,
        limits=limits,
        calendar=calendar,
    )


def add_visits(city: Making) -> None:
    """Visits at an even pace; six of ten with a photo. Each leaves a sign-in in the audit log."""
    size, world = city.size, world_of(city)
    rng, span = Random(f"{city.seed} visits"), city.now - world.begun
    topics = ("operation", "policy", "operation policy", "finance", "labour")
    previous = chain.START
    for first in range(1, size.visits + 1, 50_000):
        visits, photos, entries = [], [], []
        for visit_id in range(first, min(first + 50_000, size.visits + 1)):
            at = to_text(world.begun + span * (visit_id / (size.visits + 1)))
            firm_id, district, officer, _name = world.pick(rng)
            visits.append(
                (
                    visit_id,
                    f"{visit_id:08x}-0000-7000-8000-{visit_id:012x}",
                    "0" * 64,
                    firm_id,
                    district,
                    officer,
                    at,
                    at,
                    "on_site",
                    rng.choice(topics),
                    "生产经营正常，订单稳定。",
                    "负责人",
                    33.73512,
                    113.30211,
                    20,
                    60,
                )
            )
            if rng.random() < 0.6:
                photos.append(rng.choice(city.pictures).row(visit_id, officer, at))
            content = {"at": at, "by_id": officer, "action": "sign_in", "object": f"user:{officer}", "detail": ""}
            hashed = chain.link(previous, content)
            entries.append((*content.values(), previous, hashed))
            previous = hashed
        city.many(
            "visits",
            "id client_key body_sha256 firm_id district_id officer_id visited_at received_at mode topics notes"
            " contact_name latitude longitude accuracy_m distance_m",
            visits,
        )
        city.many("photos", PHOTO_COLUMNS.format(of="visit_id"), photos)
        city.many("audit_log", "at by_id action object detail previous_hash hash", entries)


def add_issues(city: Making) -> None:
    """Issues with their whole histories, in the order of the moments: events, clocks, notices, links, photos."""
    world = world_of(city)
    history, numbers = History(city), {}
    for span in spans(world):
        city.many("issues", " ".join(COLUMNS), span.issues)
        city.many("issue_clocks", "issue_id clock round started_at due_at stopped_at is_late", span.clocks)
        city.many("issue_departments", "issue_id department_id status closed_at", span.assisting)
        city.many("issues_fts", "rowid number title", span.words)
        city.many("photos", PHOTO_COLUMNS.format(of="issue_id"), span.photos)
        history.waiting += span.history
        history.write(before=span.last_at)
        numbers |= dict(number.split("-") for _id, number, *_others in span.issues)
    history.write(before=None)
    city.many("issue_numbers", "year last", [(int(year), int(last)) for year, last in numbers.items()])
    _remember_reminders(city)
    set_setting(city.db, "notices_cursor", str(history.last_id))


class History:
    """The one chain of all issues' events, written in the order of their moments, with who was told of them."""

    def __init__(self, city: Making):
        self.city, self.last_id, self.previous = city, 0, chain.START
        self.waiting: list[Told] = []  # until all before them are known

    def write(self, *, before: str | None) -> None:
        """Write what happened before a moment; everything with None."""
        self.waiting.sort()  # by the moment, the issue, the place in its history
        cut = len(self.waiting) if before is None else bisect_left(self.waiting, (before,))
        rows, notices, links = [], [], []
        recent = to_text(self.city.now - timedelta(days=3))
        for at, issue_id, _nth, action, by_id, actor, from_status, to_status, note, data, officer in self.waiting[:cut]:
            self.last_id += 1
            content = {
                "issue_id": issue_id,
                "action": action,
                "at": at,
                "by_id": by_id,
                "actor": actor,
                "from_status": from_status,
                "to_status": to_status,
                "note": note,
                "data": data,
            }
            hashed = chain.link(self.previous, content)
            rows.append((self.last_id, *content.values(), self.previous, hashed))
            self.previous = hashed
            kind = _NOTICED.get(action)
            if kind:
                read_at = at if at < recent else None
                notices.append((officer, issue_id, kind, self.last_id, f"event:{self.last_id}", at, read_at))
            if action == "confirm":
                links.append((issue_id, officer, at, to_text(from_text(at) + timedelta(days=14)), at, at))
        del self.waiting[:cut]
        city = self.city
        city.many(
            "issue_events", "id issue_id action at by_id actor from_status to_status note data previous_hash hash", rows
        )
        city.many("notices", "user_id issue_id kind event_id source at read_at", notices)
        city.many("firm_links", "issue_id created_by created_at expires_at opened_at used_at", links)


def _remember_reminders(city: Making) -> None:
    """Of what is due soon or late people were reminded, so that the first tick does not do it all at once."""
    params = {"now": to_text(city.now + timedelta(days=1)), "today": day_of(city.now + timedelta(days=5)).isoformat()}
    for is_over in (0, 1):
        city.db.conn.execute(
            """
            INSERT OR IGNORE INTO reminders (issue_id, source, is_over, at)
            SELECT i.id, i.clock || ':' || coalesce((SELECT max(k.round) FROM issue_clocks k
                   WHERE k.issue_id = i.id AND k.clock = i.clock), 0) || ':' || i.due_at, :is_over, :now
            FROM issues i WHERE i.amber_at <= :now
            UNION ALL
            SELECT i.id, k.clock || ':' || k.round || ':' || k.due_at, :is_over, :now
            FROM issues i JOIN issue_clocks k ON k.issue_id = i.id AND k.clock = 'reply' AND k.stopped_at IS NULL
            WHERE i.reply_by_on <= :today
            """,
            {**params, "is_over": is_over},
        )


def token_of(user_id: int) -> str:
    """The session token that every made-up city holds for an account: for benchmarks, which need no sign-in."""
    return f"benchmark-{user_id}"


def add_sessions(city: Making) -> None:
    """An open session for every account, and twenty ended ones for the officers."""
    users = city.db.conn.execute("SELECT id FROM users").fetchall()
    long_ago, now = to_text(city.now - timedelta(days=100)), to_text(city.now)
    city.many(
        "sessions",
        "token_hash user_id created_at seen_at",
        ((hash_of(token_of(row[0])), row[0], now, now) for row in users),
    )
    city.many(
        "sessions",
        "token_hash user_id created_at seen_at ended_at",
        (
            (hash_of(f"ended {row[0]} {nth}"), row[0], long_ago, long_ago, long_ago)
            for row in users
            for nth in range(20)
        ),
    )


def check(folder: Path, *, sample: int = 500, echo=print) -> list[str]:
    """What is wrong with a made-up city by the app's own rules: nothing."""
    db = connect(folder / "qifang.db")
    wrong = [str(tuple(row)) for row in db.conn.execute("PRAGMA foreign_key_check").fetchmany(10)]
    broken = history_store.first_broken_event(db)
    if broken:
        wrong.append(f"the chain breaks at event {broken}")
    count = db.conn.execute("SELECT max(id) FROM issues").fetchone()[0]
    rng = Random(1)
    for issue_id in rng.sample(range(1, count + 1), min(sample, count)):
        row = db.conn.execute("SELECT * FROM issues WHERE id = ?", (issue_id,)).fetchone()
        history = history_store.list_moves(db, issue_id)
        stored = db.conn.execute(
            "SELECT clock, round, started_at, due_at, stopped_at, is_late FROM issue_clocks WHERE issue_id = ?",
            (issue_id,),
        ).fetchall()
        told = {clock_row(each) for each in issue_actions.clocks_of(db, issue_id)}
        if {tuple(each) for each in stored} != told:
            wrong.append(f"the clocks of issue {issue_id} do not follow from its history")
        if row["status"] != history[-1].to:
            wrong.append(f"issue {issue_id} is {row['status']}, its history ends with {history[-1].to}")
    for table in ("visits", "issues", "issue_events", "notices", "photos", "audit_log"):
        echo(f"{table}: {db.conn.execute(f'SELECT count(*) FROM {table}').fetchone()[0]:,}")  # noqa: S608
    db.conn.close()
    return wrong


def main() -> None:
    """Make a city and check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--province", action="store_true")
    for name, default in (
        ("officers", 0),
        ("firms", 0),
        ("visits", 0),
        ("issues", 0),
        ("issues-a-week", 0),
        ("districts", 0),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = vars(parser.parse_args())
    folder, base = asked.pop("folder"), PROVINCE if asked.pop("province") else CITY
    size = Size(**{**vars(base), **{name: value for name, value in asked.items() if value}})
    make(folder, size)
    wrong = check(folder)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
