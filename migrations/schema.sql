-- Generated from migrations.py by `flask --app wsgi migrate --write-schema`: read it, change migrations.py.

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE districts (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  short_name TEXT NOT NULL,
  name_en TEXT NOT NULL,
  kind TEXT NOT NULL,
  latitude REAL NOT NULL CHECK (latitude BETWEEN -90 AND 90),
  longitude REAL NOT NULL CHECK (longitude BETWEEN -180 AND 180),
  area_km2 REAL NOT NULL CHECK (area_km2 > 0)
) STRICT;

CREATE TABLE townships (
  id INTEGER PRIMARY KEY,
  district_id INTEGER NOT NULL REFERENCES districts (id),
  name TEXT NOT NULL,
  name_en TEXT NOT NULL,
  kind TEXT NOT NULL
) STRICT;

CREATE INDEX townships_by_district ON townships (district_id);

CREATE TABLE departments (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  short_name TEXT NOT NULL UNIQUE,
  name_en TEXT NOT NULL,
  aliases TEXT NOT NULL DEFAULT '',
  matters TEXT NOT NULL DEFAULT '',
  keywords TEXT NOT NULL DEFAULT '',
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1))
) STRICT;

CREATE TABLE categories (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  name_en TEXT NOT NULL,
  hint TEXT NOT NULL DEFAULT '',
  hint_en TEXT NOT NULL DEFAULT '',
  position INTEGER NOT NULL,
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1))
) STRICT;

CREATE TABLE category_departments (
  category_id INTEGER NOT NULL REFERENCES categories (id),
  department_id INTEGER NOT NULL REFERENCES departments (id),
  position INTEGER NOT NULL,
  PRIMARY KEY (category_id, department_id)
) STRICT;

CREATE INDEX category_departments_by_department ON category_departments (department_id);

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  username TEXT NOT NULL UNIQUE COLLATE NOCASE,
  password_hash TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('officer', 'handler', 'dispatcher', 'head', 'office', 'auditor')),
  district_id INTEGER REFERENCES districts (id),
  department_id INTEGER REFERENCES departments (id),
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  created_at TEXT NOT NULL,
  phone TEXT NOT NULL DEFAULT '',
  unit TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  is_password_temporary INTEGER NOT NULL DEFAULT 0
  CHECK (is_password_temporary IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1,
  password_changed_at TEXT,
  password_expires_at TEXT,
  last_sign_in_at TEXT,
  erased_at TEXT,
  identity TEXT CHECK (length(identity) BETWEEN 1 AND 255),
  CHECK ((role = 'handler') = (department_id IS NOT NULL)),
  CHECK (role NOT IN ('dispatcher', 'head') OR district_id IS NOT NULL)
) STRICT;

CREATE INDEX users_by_department ON users (department_id);

CREATE INDEX users_by_district ON users (district_id, role);

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  user_id INTEGER NOT NULL REFERENCES users (id),
  created_at TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  ended_at TEXT
,
  way TEXT NOT NULL DEFAULT 'password' CHECK (way IN ('password', 'oidc')),
  device TEXT NOT NULL DEFAULT '',
  confirmed_at TEXT,
  is_code_due INTEGER NOT NULL DEFAULT 0 CHECK (is_code_due IN (0, 1))) STRICT;

CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE sign_in_attempts (
  id INTEGER PRIMARY KEY,
  username TEXT NOT NULL COLLATE NOCASE,
  at TEXT NOT NULL
) STRICT;

CREATE INDEX sign_in_attempts_by_username ON sign_in_attempts (username, at);

CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  by_id INTEGER REFERENCES users (id),
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT '',
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE
,
  event_hash TEXT) STRICT;

CREATE INDEX audit_log_by_person ON audit_log (by_id, at);

CREATE INDEX audit_log_by_object ON audit_log (object, at);

CREATE TRIGGER audit_log_is_not_updated BEFORE UPDATE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append only');
END;

CREATE TRIGGER audit_log_is_not_deleted BEFORE DELETE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append only');
END;

CREATE TABLE firms (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  credit_code TEXT UNIQUE,
  district_id INTEGER NOT NULL REFERENCES districts (id),
  township_id INTEGER REFERENCES townships (id),
  address TEXT NOT NULL DEFAULT '',
  industry TEXT NOT NULL DEFAULT '',
  size TEXT NOT NULL DEFAULT '',
  contact_name TEXT NOT NULL DEFAULT '',
  contact_phone TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT 'operating'
    CHECK (status IN ('operating', 'stopped', 'moved', 'lost', 'closed')),
  latitude REAL CHECK (latitude BETWEEN -90 AND 90),
  longitude REAL CHECK (longitude BETWEEN -180 AND 180),
  accuracy_m INTEGER CHECK (accuracy_m >= 0),
  position_source TEXT CHECK (position_source IN ('roster', 'officer', 'geocoder')),
  positioned_at TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at TEXT NOT NULL,
  CHECK ((latitude IS NULL) = (longitude IS NULL)),
  CHECK ((latitude IS NULL) = (position_source IS NULL))
) STRICT;

CREATE INDEX firms_by_district ON firms (district_id, name);

CREATE INDEX firms_by_township ON firms (township_id);

CREATE TABLE firm_officers (
  id INTEGER PRIMARY KEY,
  firm_id INTEGER NOT NULL REFERENCES firms (id),
  user_id INTEGER NOT NULL REFERENCES users (id),
  is_lead INTEGER NOT NULL CHECK (is_lead IN (0, 1)),
  from_on TEXT NOT NULL,
  to_on TEXT
,
  until_on TEXT) STRICT;

CREATE UNIQUE INDEX firm_officers_now ON firm_officers (firm_id, user_id) WHERE to_on IS NULL;

CREATE UNIQUE INDEX firm_officers_one_lead ON firm_officers (firm_id) WHERE is_lead = 1 AND to_on IS NULL;

CREATE INDEX firm_officers_by_user ON firm_officers (user_id, firm_id) WHERE to_on IS NULL;

CREATE VIRTUAL TABLE firms_fts USING fts5 (name, initials, credit_code, tokenize = 'unicode61');

CREATE TABLE visits (
  id INTEGER PRIMARY KEY,
  client_key TEXT NOT NULL UNIQUE,
  body_sha256 TEXT NOT NULL,
  firm_id INTEGER NOT NULL REFERENCES firms (id),
  district_id INTEGER NOT NULL REFERENCES districts (id),
  officer_id INTEGER NOT NULL REFERENCES users (id),
  visited_at TEXT NOT NULL,
  received_at TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('on_site', 'phone', 'video')),
  topics TEXT NOT NULL DEFAULT '',
  notes TEXT NOT NULL DEFAULT '',
  contact_name TEXT NOT NULL DEFAULT '',
  latitude REAL CHECK (latitude BETWEEN -90 AND 90),
  longitude REAL CHECK (longitude BETWEEN -180 AND 180),
  accuracy_m INTEGER CHECK (accuracy_m >= 0),
  distance_m INTEGER CHECK (distance_m >= 0),
  erased_at TEXT,
  CHECK ((latitude IS NULL) = (longitude IS NULL))
) STRICT;

CREATE INDEX visits_by_firm ON visits (firm_id, visited_at);

CREATE INDEX visits_by_officer ON visits (officer_id, visited_at);

CREATE INDEX visits_by_district ON visits (district_id, visited_at);

CREATE INDEX visits_by_time ON visits (visited_at);

CREATE TABLE workday_exceptions (
  day TEXT PRIMARY KEY,
  is_workday INTEGER NOT NULL CHECK (is_workday IN (0, 1)),
  why TEXT NOT NULL
) STRICT;

CREATE TABLE limits (
  id INTEGER PRIMARY KEY,
  clock TEXT NOT NULL CHECK (clock IN ('dispatch', 'accept', 'handle', 'verify', 'callback')),
  kind TEXT CHECK (kind IN ('consultation', 'help', 'advice', 'complaint')),
  urgency TEXT CHECK (urgency IN ('normal', 'urgent')),
  category_id INTEGER REFERENCES categories (id),
  amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 1000),
  unit TEXT NOT NULL CHECK (unit IN ('hours', 'working_days')),
  valid_from TEXT NOT NULL,
  valid_to TEXT,
  is_retroactive INTEGER NOT NULL DEFAULT 0 CHECK (is_retroactive IN (0, 1))
) STRICT;

CREATE INDEX limits_by_category ON limits (category_id);

CREATE TABLE routing_rules (
  id INTEGER PRIMARY KEY,
  category_id INTEGER NOT NULL REFERENCES categories (id),
  district_id INTEGER REFERENCES districts (id),
  keywords TEXT NOT NULL DEFAULT '',
  department_id INTEGER NOT NULL REFERENCES departments (id),
  assisting_ids TEXT NOT NULL DEFAULT '',
  valid_from TEXT NOT NULL,
  valid_to TEXT,
  note TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX routing_rules_by_category ON routing_rules (category_id);

CREATE INDEX routing_rules_by_district ON routing_rules (district_id);

CREATE INDEX routing_rules_by_department ON routing_rules (department_id);

CREATE TABLE issue_numbers (
  year INTEGER PRIMARY KEY,
  last INTEGER NOT NULL
) STRICT;

CREATE TABLE issues (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL DEFAULT 1,
  status TEXT NOT NULL CHECK (status IN ('submitted', 'needs_info', 'dispatched', 'in_progress', 'returned',
    'disputed', 'suspended', 'proposed', 'callback', 'closed', 'merged', 'void')),
  visit_id INTEGER REFERENCES visits (id),
  firm_id INTEGER NOT NULL REFERENCES firms (id),
  district_id INTEGER NOT NULL REFERENCES districts (id),
  category_id INTEGER NOT NULL REFERENCES categories (id),
  department_id INTEGER REFERENCES departments (id),
  reported_by INTEGER NOT NULL REFERENCES users (id),
  reported_at TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('consultation', 'help', 'advice', 'complaint')),
  urgency TEXT NOT NULL CHECK (urgency IN ('normal', 'urgent')),
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  latitude REAL CHECK (latitude BETWEEN -90 AND 90),
  longitude REAL CHECK (longitude BETWEEN -180 AND 180),
  accuracy_m INTEGER CHECK (accuracy_m >= 0),
  clock TEXT,
  due_at TEXT,
  amber_at TEXT,
  is_due_provisional INTEGER NOT NULL DEFAULT 0 CHECK (is_due_provisional IN (0, 1)),
  changed_at TEXT NOT NULL,
  closed_at TEXT,
  outcome TEXT CHECK (outcome IN ('solved', 'partly', 'explained', 'not_permitted', 'out_of_remit', 'long_term',
    'withdrawn')),
  public_answer TEXT NOT NULL DEFAULT '',
  is_solved INTEGER CHECK (is_solved IN (0, 1)),
  is_satisfied INTEGER CHECK (is_satisfied IN (0, 1)),
  return_count INTEGER NOT NULL DEFAULT 0,
  rework_count INTEGER NOT NULL DEFAULT 0,
  reopen_count INTEGER NOT NULL DEFAULT 0,
  extension_count INTEGER NOT NULL DEFAULT 0,
  extension_asked_on TEXT,
  suspension_asked_on TEXT,
  review_on TEXT,
  reply_by_on TEXT,
  supervision TEXT CHECK (supervision IN ('yellow', 'red')),
  is_return_agreed INTEGER NOT NULL DEFAULT 0 CHECK (is_return_agreed IN (0, 1)),
  merged_into_id INTEGER REFERENCES issues (id),
  erased_at TEXT,
  CHECK ((latitude IS NULL) = (longitude IS NULL)),
  CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
  CHECK ((status = 'merged') = (merged_into_id IS NOT NULL)),
  CHECK (status NOT IN ('dispatched', 'in_progress', 'suspended') OR department_id IS NOT NULL)
) STRICT;

CREATE INDEX issues_by_visit ON issues (visit_id);

CREATE INDEX issues_by_firm ON issues (firm_id, reported_at);

CREATE INDEX issues_by_reporter ON issues (reported_by, status);

CREATE INDEX issues_by_category ON issues (category_id, reported_at);

CREATE INDEX issues_by_master ON issues (merged_into_id);

CREATE INDEX issues_by_department_time ON issues (department_id, reported_at);

CREATE INDEX issues_by_district_time ON issues (district_id, reported_at);

CREATE VIRTUAL TABLE issues_fts USING fts5 (number, title, tokenize = 'unicode61');

CREATE TABLE issue_events (
  id INTEGER PRIMARY KEY,
  issue_id INTEGER NOT NULL REFERENCES issues (id),
  action TEXT NOT NULL,
  at TEXT NOT NULL,
  by_id INTEGER REFERENCES users (id),
  actor TEXT NOT NULL,
  from_status TEXT,
  to_status TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  data TEXT NOT NULL DEFAULT '{}',
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE
,
  entry_hash TEXT,
  erasing_entry_id INTEGER REFERENCES audit_log (id)) STRICT;

CREATE INDEX issue_events_by_issue ON issue_events (issue_id);

CREATE INDEX issue_events_by_person ON issue_events (by_id);

CREATE TRIGGER issue_events_are_not_deleted BEFORE DELETE ON issue_events
BEGIN
  SELECT RAISE(ABORT, 'the history of an issue is append only');
END;

CREATE TABLE issue_clocks (
  issue_id INTEGER NOT NULL REFERENCES issues (id),
  clock TEXT NOT NULL CHECK (clock IN ('dispatch', 'accept', 'handle', 'verify', 'callback', 'reply')),
  round INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  due_at TEXT,
  stopped_at TEXT,
  is_late INTEGER CHECK (is_late IN (0, 1)),
  PRIMARY KEY (issue_id, clock, round)
) STRICT;

CREATE TABLE firm_links (
  id INTEGER PRIMARY KEY,
  issue_id INTEGER NOT NULL REFERENCES issues (id),
  created_by INTEGER NOT NULL REFERENCES users (id),
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  opened_at TEXT,
  used_at TEXT,
  revoked_at TEXT
) STRICT;

CREATE INDEX firm_links_by_issue ON firm_links (issue_id);

CREATE INDEX firm_links_by_person ON firm_links (created_by);

CREATE TABLE photos (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL,
  original_sha256 TEXT NOT NULL,
  visit_id INTEGER REFERENCES visits (id),
  issue_id INTEGER REFERENCES issues (id),
  event_id INTEGER REFERENCES issue_events (id),
  position INTEGER NOT NULL,
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  byte_count INTEGER NOT NULL CHECK (byte_count > 0),
  added_by INTEGER NOT NULL REFERENCES users (id),
  added_at TEXT NOT NULL,
  erased_at TEXT,
  CHECK ((visit_id IS NULL) <> (issue_id IS NULL)),
  CHECK (event_id IS NULL OR issue_id IS NOT NULL)
) STRICT;

CREATE INDEX photos_by_visit ON photos (visit_id);

CREATE INDEX photos_by_issue ON photos (issue_id);

CREATE INDEX photos_by_event ON photos (event_id);

CREATE INDEX photos_by_person ON photos (added_by);

CREATE INDEX photos_by_content ON photos (sha256);

CREATE TABLE reminders (
  issue_id INTEGER NOT NULL REFERENCES issues (id),
  source TEXT NOT NULL,
  is_over INTEGER NOT NULL CHECK (is_over IN (0, 1)),
  at TEXT NOT NULL,
  PRIMARY KEY (issue_id, source, is_over)
) STRICT;

CREATE INDEX issues_by_amber ON issues (amber_at) WHERE amber_at IS NOT NULL;

CREATE INDEX issues_by_reply ON issues (reply_by_on) WHERE reply_by_on IS NOT NULL;

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  channel TEXT NOT NULL CHECK (channel IN ('wecom', 'dingtalk', 'smtp')),
  dedupe_key TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL,
  is_digest INTEGER NOT NULL CHECK (is_digest IN (0, 1)),
  created_at TEXT NOT NULL,
  next_try_at TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  lease TEXT,
  leased_until TEXT,
  sent_at TEXT,
  failed_at TEXT,
  error TEXT NOT NULL DEFAULT '',
  CHECK ((lease IS NULL) = (leased_until IS NULL)),
  CHECK (sent_at IS NULL OR failed_at IS NULL)
) STRICT;

CREATE INDEX deliveries_waiting ON deliveries (channel, next_try_at)
WHERE sent_at IS NULL AND failed_at IS NULL;

CREATE INDEX deliveries_failed ON deliveries (failed_at) WHERE failed_at IS NOT NULL;

CREATE INDEX deliveries_leased ON deliveries (lease) WHERE lease IS NOT NULL;

CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  until TEXT NOT NULL
) STRICT;

CREATE TABLE outbox_moves (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  body_sha256 TEXT NOT NULL,
  issue_id INTEGER NOT NULL REFERENCES issues (id),
  by_id INTEGER NOT NULL REFERENCES users (id),
  at TEXT NOT NULL
,
  event_id INTEGER REFERENCES issue_events (id)) STRICT;

CREATE INDEX outbox_moves_by_issue ON outbox_moves (issue_id);

CREATE INDEX outbox_moves_by_person ON outbox_moves (by_id);

CREATE TABLE bulletins (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL DEFAULT 1,
  status TEXT NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'issued')),
  corrects_id INTEGER REFERENCES bulletins (id),
  from_on TEXT NOT NULL,
  to_on TEXT NOT NULL,
  number TEXT NOT NULL,
  title TEXT NOT NULL,
  issuer TEXT NOT NULL,
  addressed_to TEXT NOT NULL,
  opening TEXT NOT NULL,
  problems TEXT NOT NULL,
  next_steps TEXT NOT NULL,
  recipients TEXT NOT NULL,
  copies TEXT NOT NULL,
  figures TEXT NOT NULL,
  figured_at TEXT NOT NULL,
  document TEXT,
  created_by INTEGER NOT NULL REFERENCES users (id),
  created_at TEXT NOT NULL,
  issued_by INTEGER REFERENCES users (id),
  issued_at TEXT,
  CHECK (from_on <= to_on),
  CHECK ((status = 'issued') = (issued_at IS NOT NULL)),
  CHECK ((issued_at IS NULL) = (issued_by IS NULL)),
  CHECK ((issued_at IS NULL) = (document IS NULL))
) STRICT;

CREATE INDEX bulletins_by_correction ON bulletins (corrects_id);

CREATE INDEX bulletins_by_author ON bulletins (created_by);

CREATE INDEX bulletins_by_issuer ON bulletins (issued_by);

CREATE TABLE bulletin_cases (
  id INTEGER PRIMARY KEY,
  bulletin_id INTEGER NOT NULL REFERENCES bulletins (id),
  issue_id INTEGER NOT NULL REFERENCES issues (id),
  words TEXT NOT NULL,
  UNIQUE (bulletin_id, issue_id)
) STRICT;

CREATE INDEX bulletin_cases_by_issue ON bulletin_cases (issue_id);

CREATE TRIGGER issued_bulletins_are_not_updated BEFORE UPDATE ON bulletins WHEN OLD.status = 'issued'
BEGIN
  SELECT RAISE(ABORT, 'an issued bulletin stays as it is');
END;

CREATE TRIGGER issued_bulletins_are_not_deleted BEFORE DELETE ON bulletins WHEN OLD.status = 'issued'
BEGIN
  SELECT RAISE(ABORT, 'an issued bulletin stays as it is');
END;

CREATE TRIGGER cases_of_issued_bulletins_are_not_added BEFORE INSERT ON bulletin_cases
WHEN (SELECT status FROM bulletins WHERE id = NEW.bulletin_id) = 'issued'
BEGIN
  SELECT RAISE(ABORT, 'an issued bulletin stays as it is');
END;

CREATE TRIGGER cases_of_issued_bulletins_are_not_updated BEFORE UPDATE ON bulletin_cases
WHEN (SELECT status FROM bulletins WHERE id = OLD.bulletin_id) = 'issued'
BEGIN
  SELECT RAISE(ABORT, 'an issued bulletin stays as it is');
END;

CREATE TRIGGER cases_of_issued_bulletins_are_not_deleted BEFORE DELETE ON bulletin_cases
WHEN (SELECT status FROM bulletins WHERE id = OLD.bulletin_id) = 'issued'
BEGIN
  SELECT RAISE(ABORT, 'an issued bulletin stays as it is');
END;

CREATE INDEX firm_officers_by_firm ON firm_officers (firm_id, to_on);

CREATE INDEX firm_officers_past_by_user ON firm_officers (user_id, to_on);

CREATE INDEX firm_officers_run_out ON firm_officers (until_on) WHERE to_on IS NULL AND until_on IS NOT NULL;

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  params TEXT NOT NULL,
  asked_by INTEGER NOT NULL REFERENCES users (id),
  asked_at TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  done_count INTEGER NOT NULL DEFAULT 0,
  total_count INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0,
  lease TEXT UNIQUE,
  leased_until TEXT,
  file_name TEXT NOT NULL DEFAULT '',
  result_url TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  ended_at TEXT,
  CHECK ((state = 'running') = (lease IS NOT NULL)),
  CHECK ((lease IS NULL) = (leased_until IS NULL)),
  CHECK ((state IN ('done', 'failed')) = (ended_at IS NOT NULL)),
  CHECK ((state = 'failed') = (error <> ''))
) STRICT;

CREATE INDEX jobs_by_person ON jobs (asked_by);

CREATE INDEX jobs_open ON jobs (state) WHERE state IN ('waiting', 'running');

CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX outbox_moves_by_event ON outbox_moves (event_id);

CREATE TABLE "outbox_photos" (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  visit_id INTEGER REFERENCES visits (id),
  event_id INTEGER REFERENCES issue_events (id),
  issue_id INTEGER REFERENCES issues (id),
  sha256 TEXT NOT NULL,
  position INTEGER NOT NULL,
  photo_id INTEGER REFERENCES photos (id),
  CHECK ((visit_id IS NULL) <> (event_id IS NULL)),
  CHECK (event_id IS NULL OR issue_id IS NOT NULL)
) STRICT;

CREATE INDEX outbox_photos_by_visit ON outbox_photos (visit_id);

CREATE INDEX outbox_photos_by_event ON outbox_photos (event_id);

CREATE INDEX outbox_photos_by_issue ON outbox_photos (issue_id);

CREATE INDEX outbox_photos_by_photo ON outbox_photos (photo_id);

CREATE TABLE roster_imports (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('firms', 'officers', 'departments', 'handlers', 'assignments')),
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  byte_count INTEGER NOT NULL CHECK (byte_count >= 0),
  is_full INTEGER NOT NULL CHECK (is_full IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('reading', 'preview', 'storing', 'applied', 'dropped', 'failed')),
  problem TEXT NOT NULL DEFAULT '',
  new_count INTEGER NOT NULL DEFAULT 0,
  changed_count INTEGER NOT NULL DEFAULT 0,
  same_count INTEGER NOT NULL DEFAULT 0,
  doubtful_count INTEGER NOT NULL DEFAULT 0,
  leaving_count INTEGER NOT NULL DEFAULT 0,
  refused_count INTEGER NOT NULL DEFAULT 0,
  stored_count INTEGER NOT NULL DEFAULT 0,
  created_by INTEGER REFERENCES users (id),
  created_at TEXT NOT NULL,
  applied_by INTEGER REFERENCES users (id),
  applied_at TEXT,
  CHECK ((state = 'applied') = (applied_at IS NOT NULL)),
  CHECK (state <> 'failed' OR problem <> '')
) STRICT;

CREATE INDEX roster_imports_by_creator ON roster_imports (created_by);

CREATE INDEX roster_imports_by_applier ON roster_imports (applied_by);

CREATE INDEX roster_imports_unfinished ON roster_imports (state)
WHERE state IN ('reading', 'preview', 'storing');

CREATE INDEX firms_by_name ON firms (name);

CREATE INDEX issues_by_status ON issues (status, due_at, amber_at);

CREATE INDEX issues_by_district ON issues (district_id, status, due_at, amber_at);

CREATE INDEX issues_by_department ON issues (department_id, status, due_at, amber_at);

CREATE INDEX issues_by_firm_status ON issues (firm_id, status, due_at);

CREATE INDEX issues_by_close ON issues (closed_at, district_id, department_id, is_solved, is_satisfied,
reported_at);

CREATE INDEX issues_by_district_close ON issues (district_id, closed_at, is_solved);

CREATE INDEX issues_by_department_close ON issues (department_id, closed_at);

CREATE INDEX issues_returned ON issues (reported_at) WHERE return_count > 0;

CREATE INDEX issues_ended_unclosed ON issues (changed_at, reported_at) WHERE status IN ('merged', 'void');

CREATE INDEX issue_clocks_by_stop ON issue_clocks (clock, stopped_at, is_late, issue_id, round);

CREATE INDEX audit_log_by_action ON audit_log (action);

CREATE INDEX audit_log_by_time ON audit_log (at);

CREATE INDEX issues_by_time ON issues (reported_at, district_id, department_id, return_count, rework_count,
reopen_count, extension_count);

CREATE TABLE authenticators (
  user_id INTEGER PRIMARY KEY REFERENCES users (id),
  salt TEXT NOT NULL CHECK (length(salt) = 40),
  confirmed_at TEXT,
  last_step INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE recovery_codes (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES authenticators (user_id),
  code_hash TEXT NOT NULL CHECK (length(code_hash) = 64),
  UNIQUE (user_id, code_hash)
) STRICT;

CREATE TABLE bulletin_sources (
  bulletin_id INTEGER NOT NULL REFERENCES bulletins (id),
  figure TEXT NOT NULL,
  cases TEXT NOT NULL CHECK (json_valid(cases)),
  PRIMARY KEY (bulletin_id, figure)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER sources_of_issued_bulletins_are_not_added BEFORE INSERT ON bulletin_sources
WHEN (SELECT status FROM bulletins WHERE id = NEW.bulletin_id) = 'issued'
BEGIN
  SELECT RAISE(ABORT, 'an issued bulletin stays as it is');
END;

CREATE TRIGGER sources_of_issued_bulletins_are_not_updated BEFORE UPDATE ON bulletin_sources
WHEN (SELECT status FROM bulletins WHERE id = OLD.bulletin_id) = 'issued'
BEGIN
  SELECT RAISE(ABORT, 'an issued bulletin stays as it is');
END;

CREATE TRIGGER sources_of_issued_bulletins_are_not_deleted BEFORE DELETE ON bulletin_sources
WHEN (SELECT status FROM bulletins WHERE id = OLD.bulletin_id) = 'issued'
BEGIN
  SELECT RAISE(ABORT, 'an issued bulletin stays as it is');
END;

CREATE TABLE "campaigns" (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL DEFAULT 1,
  name TEXT NOT NULL CHECK (name <> ''),
  from_on TEXT NOT NULL,
  to_on TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('draft', 'running', 'ended', 'withdrawn')),
  target INTEGER CHECK (target > 0),
  target_kind TEXT CHECK (target_kind IN ('share', 'count')),
  remind_days INTEGER CHECK (remind_days BETWEEN 1 AND 10),
  created_by INTEGER REFERENCES users (id),
  created_at TEXT NOT NULL,
  begun_at TEXT,
  ended_at TEXT,
  CHECK (from_on <= to_on),
  CHECK ((target IS NULL) = (target_kind IS NULL)),
  CHECK (target_kind <> 'share' OR target <= 100),
  CHECK (status = 'draft' OR begun_at IS NOT NULL OR status = 'withdrawn'),
  CHECK ((status IN ('ended', 'withdrawn')) = (ended_at IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX campaigns_one_runs ON campaigns (status) WHERE status = 'running';

CREATE INDEX campaigns_by_creator ON campaigns (created_by);

CREATE TABLE campaign_terms (
  campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
  kind TEXT NOT NULL CHECK (kind IN ('district', 'township', 'industry', 'size', 'code')),
  value TEXT NOT NULL,
  PRIMARY KEY (campaign_id, kind, value)
) STRICT;

CREATE TABLE campaign_firms (
  campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
  firm_id INTEGER NOT NULL REFERENCES firms (id),
  added_at TEXT NOT NULL,
  PRIMARY KEY (campaign_id, firm_id)
) STRICT;

CREATE INDEX campaign_firms_by_firm ON campaign_firms (firm_id);

CREATE TABLE campaign_questions (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
  position INTEGER NOT NULL CHECK (position BETWEEN 0 AND 2),
  kind TEXT NOT NULL CHECK (kind IN ('text', 'yes_no', 'choice')),
  text TEXT NOT NULL CHECK (text <> ''),
  choices TEXT NOT NULL DEFAULT '',
  purpose TEXT NOT NULL DEFAULT '',
  is_required INTEGER NOT NULL DEFAULT 0 CHECK (is_required IN (0, 1)),
  is_asked INTEGER NOT NULL DEFAULT 1 CHECK (is_asked IN (0, 1)),
  CHECK ((kind = 'choice') = (choices <> '')),
  CHECK (is_required = 0 OR purpose <> '')
) STRICT;

CREATE INDEX campaign_questions_by_campaign ON campaign_questions (campaign_id);

CREATE UNIQUE INDEX campaign_questions_asked ON campaign_questions (campaign_id, position) WHERE is_asked = 1;

CREATE TABLE visit_answers (
  id INTEGER PRIMARY KEY,
  visit_id INTEGER NOT NULL REFERENCES visits (id),
  question_id INTEGER REFERENCES campaign_questions (id),
  number INTEGER NOT NULL,
  answer TEXT NOT NULL CHECK (answer <> ''),
  UNIQUE (visit_id, number)
) STRICT;

CREATE INDEX visit_answers_by_question ON visit_answers (question_id);

CREATE TABLE campaign_reminders (
  id INTEGER PRIMARY KEY,
  campaign_id INTEGER NOT NULL REFERENCES campaigns (id),
  source TEXT NOT NULL,
  at TEXT NOT NULL,
  by_id INTEGER REFERENCES users (id),
  told_count INTEGER,
  UNIQUE (campaign_id, source)
) STRICT;

CREATE INDEX campaign_reminders_by_person ON campaign_reminders (by_id);

CREATE INDEX campaign_reminders_untold ON campaign_reminders (id) WHERE told_count IS NULL;

CREATE TABLE "notices" (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  issue_id INTEGER REFERENCES issues (id),
  campaign_id INTEGER REFERENCES campaigns (id),
  kind TEXT NOT NULL CHECK (kind IN ('reported', 'info_asked', 'supplemented', 'assigned', 'return_agreed',
    'returned', 'escalated', 'extension_asked', 'extension_decided', 'suspension_asked', 'suspension_decided',
    'resumed', 'answered', 'rejected', 'verified', 'confirmed', 'disputed', 'reopened', 'urged', 'supervised',
    'replied', 'merged', 'voided', 'due_soon', 'overdue', 'campaign')),
  event_id INTEGER REFERENCES issue_events (id),
  source TEXT NOT NULL,
  at TEXT NOT NULL,
  read_at TEXT,
  CHECK ((issue_id IS NULL) <> (campaign_id IS NULL)),
  CHECK ((kind = 'campaign') = (campaign_id IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX notices_told_once ON notices (user_id, issue_id, kind, source);

CREATE UNIQUE INDEX notices_of_campaigns_told_once ON notices (user_id, campaign_id, source)
WHERE campaign_id IS NOT NULL;

CREATE INDEX notices_by_person ON notices (user_id);

CREATE INDEX notices_unread ON notices (user_id) WHERE read_at IS NULL;

CREATE INDEX notices_by_issue ON notices (issue_id);

CREATE INDEX notices_by_campaign ON notices (campaign_id);

CREATE INDEX notices_by_event ON notices (event_id);

CREATE TABLE canned_answers (
  id INTEGER PRIMARY KEY,
  department_id INTEGER REFERENCES departments (id),
  category_id INTEGER REFERENCES categories (id),
  title TEXT NOT NULL CHECK (title <> ''),
  body TEXT NOT NULL CHECK (body <> ''),
  is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  version INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE UNIQUE INDEX canned_answers_by_title ON canned_answers (coalesce(department_id, 0), title);

CREATE INDEX canned_answers_by_department ON canned_answers (department_id, is_active, category_id);

CREATE INDEX canned_answers_by_category ON canned_answers (category_id);

CREATE TABLE asked_fields (
  field TEXT PRIMARY KEY,
  use TEXT NOT NULL CHECK (use IN ('required', 'shown', 'hidden')),
  purpose TEXT NOT NULL
) STRICT;

CREATE INDEX issue_events_by_erasing ON issue_events (erasing_entry_id);

CREATE INDEX visits_to_erase ON visits (received_at) WHERE erased_at IS NULL;

CREATE INDEX photos_erased ON photos (sha256) WHERE erased_at IS NOT NULL;

CREATE TRIGGER issue_events_are_not_updated BEFORE UPDATE ON issue_events
WHEN OLD.erasing_entry_id IS NOT NULL OR NEW.erasing_entry_id IS NULL OR NEW.note <> ''
  OR NEW.data IS NOT json_remove(OLD.data, '$.basis', '$.evidence', '$.public_answer')
  OR (NEW.id, NEW.issue_id, NEW.action, NEW.at, NEW.by_id, NEW.actor,
      NEW.from_status, NEW.to_status, NEW.previous_hash, NEW.hash, NEW.entry_hash)
  IS NOT (OLD.id, OLD.issue_id, OLD.action, OLD.at, OLD.by_id, OLD.actor,
      OLD.from_status, OLD.to_status, OLD.previous_hash, OLD.hash, OLD.entry_hash)
BEGIN
  SELECT RAISE(ABORT, 'the history of an issue is append only');
END;

CREATE UNIQUE INDEX users_by_identity ON users (identity);

CREATE INDEX issue_events_returns ON issue_events (issue_id) WHERE action = 'return';

CREATE INDEX issue_events_ruled ON issue_events (issue_id) WHERE action IN ('redispatch', 'designate');

CREATE TABLE "issue_departments" (
  issue_id INTEGER NOT NULL REFERENCES issues (id),
  department_id INTEGER NOT NULL REFERENCES departments (id),
  status TEXT NOT NULL,
  closed_at TEXT,
  PRIMARY KEY (issue_id, department_id)
) STRICT;

CREATE INDEX issue_departments_by_department ON issue_departments (department_id, status);

CREATE INDEX issue_departments_by_close ON issue_departments (department_id, closed_at, issue_id);

CREATE TRIGGER issue_departments_follow_their_issue AFTER UPDATE OF status, closed_at ON issues
BEGIN
  UPDATE issue_departments SET status = NEW.status, closed_at = NEW.closed_at WHERE issue_id = NEW.id;
END;

CREATE INDEX issues_ruled ON issues (category_id, district_id) WHERE return_count >= 2;

CREATE INDEX issue_events_rulings ON issue_events (issue_id) WHERE action = 'designate';
