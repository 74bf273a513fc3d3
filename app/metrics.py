"""What is counted while it runs, for `/metrics`: by endpoint and status, never by address or person.

One process has one set of figures. Where several serve, each is asked on its own port.
"""

from prometheus_client import Counter, Gauge, Histogram

_QUICK = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

requests = Counter("qifang_requests", "Requests answered.", ["endpoint", "method", "status"])
request_seconds = Histogram("qifang_request_seconds", "From first to last of our code.", ["endpoint"], buckets=_SLOW)
request_queries = Histogram(
    "qifang_request_queries", "Statements a request.", buckets=(0, 1, 2, 5, 10, 20, 50, 100, 200, 500)
)
query_seconds = Histogram("qifang_query_seconds", "Each statement, its rows read to the end.", buckets=_QUICK)
lock_seconds = Histogram("qifang_lock_wait_seconds", "Waiting for the one writer before us.", buckets=_QUICK)
commit_seconds = Histogram("qifang_commit_seconds", "Each commit, until it is on the disk.", buckets=_QUICK)
photo_seconds = Histogram("qifang_photo_seconds", "Decoding, cleaning and storing the photos of a form.", buckets=_SLOW)
outbox = Counter("qifang_outbox", "What phones sent: 200 a receipt, 409 a conflict, 422 refused.", ["what", "status"])
tick_steps = Counter("qifang_tick_steps", "Steps of the minute's work.", ["step", "result"])

is_well = Gauge("qifang_health", "1 where a part of /healthz is well, 0 where it is not.", ["part"])
waiting = Gauge("qifang_waiting", "How many wait: messages to leave the house, photos still on phones.", ["what"])
waiting_seconds = Gauge("qifang_waiting_seconds", "How long the oldest has waited; how late the tick is.", ["what"])
backup_age = Gauge("qifang_backup_age_seconds", "Since the newest backup began; 0 before the first.")
free_bytes = Gauge("qifang_free_bytes", "Room left on the disk of a folder.", ["folder"])
