### What can go wrong and what to do about it, in English.

## Failures, and what to do

no-data-directory = no data directory is given
advice-data-directory = say --data DIR, or set DOCKET_DATA
input-refused = { $path } cannot be taken: { $why }
cannot-be-written = { $path } cannot be written: { $why }
cannot-be-used = { $path } cannot be used: { $why }
cannot-be-read = { $path } cannot be read: { $why }
cannot-be-opened = { $path } cannot be opened: { $why }
server-says = the server at { $address } { $what }
server-refused = says: { $why } ({ $code })
server-unreachable = cannot be reached: { $why }
server-answer = answers what this release does not understand; use the docket-replay of the same release
server-elsewhere = the server listens on { $address }, not on this machine alone; nothing was sent, since the token could be read on the way
token-form = the token must be one word, as the server gave it
holds-another-log = { $path } holds another log than { $file }
event-at-unreadable = the event at position { $position } cannot be read: { $why }
read-model-failed = a read model cannot be made or read: { $why }
pipe-closed = nobody reads the output any more
standard-output = the standard output
the-runtime = the runtime
another-process = another process
with-cause = { $what }: { $cause }
advice-in-use = stop it, run this command, and start it again; commands that only read need not wait
advice-token = give an API token of an admin with the scope operate, by --token-file or DOCKET_TOKEN, and the import goes through the server; `POST /api/v1/me/tokens` makes one (docs/API.md)
advice-server = run the command again: what is in the log is not added twice
advice-other-directory = choose a directory that exists or can be made, and that you may write to
advice-empty-directory = restore into a directory that is empty or not there yet
advice-storage-full = make room and run the command again: it goes on where it stopped
advice-outcome-unknown = run `docket-replay verify`, then this command again: what is in the log is not added twice
advice-damaged = nothing was changed; `docket-replay verify` says more, a back-up can be restored

## Arguments that cannot be used

file-is-there = { $file } is there already; choose another file
file-is-there-force = { $file } is there already; choose another file, or say --force
no-directory = there is no directory { $directory }
after-the-end = --after { $after } lies behind the end of the log, { $head }
no-ticket-number = { $given } is no ticket number; for the identifier of an imported case say --case
no-ticket-in = there is no ticket { $ticket } in { $directory }
no-ticket-then = there was no ticket { $ticket } at position { $position }
no-case = no imported case is called { $case }
no-position = the log ends at position { $head }; there is no position { $position }
occurred-needs-time = --occurred goes with a time: an event at a position has happened whenever it did
csv-and-json = --csv and --json cannot both be had
reference-is-json = reference is JSON; it has no --csv
for-what-if-only = --policy, --schedule, --by-last-priority and --pause-for-everybody are for what-if
what-if-needs-policy = say which policy to try: --policy FILE
what-if-file = cannot be used: { $why }
for-metrics-only = --by, --from and --until are for metrics
no-such-read-model = there is no read model { $name }
unknown-read-model = there is no read model { $name }; there are { $known }
mapping-needed = say --mapping: plain for any log in the columns of docs/how-to/import.md, servicenow for its audit log, or the path of your own; `docket-replay mappings` lists them
mapping-not-needed = a .jsonl file needs no --mapping; leave it out
docket-s-own = { $file } is Docket's own in { $directory }; choose another file
rejects-other-file = { $file } is there already and no report of rejected rows; choose another file with --rejects
rejects-same-file = --rejects must be another file than the one that is imported

## Files that cannot be imported

input-directory = it is a directory
input-archive = it is a zip archive or a spreadsheet; save it as CSV
input-utf-16 = it is UTF-16; convert it: iconv -f UTF-16 -t UTF-8
input-empty = it is empty
input-export = it is an exported log; put it into an empty data directory with `docket-replay restore`
input-header = its header: { $why }
input-compressed-damaged = the compressed file is damaged ({ $why }); nothing of it was taken

## Rows that cannot be imported

row-encoding = not UTF-8: byte { $byte } at place { $place } of the row; convert the file, for example with iconv -f WINDOWS-1252 -t UTF-8
# One form in English: programs know the sentence from reports and JSON.
row-cells =
    { $count ->
        [one] { $shown } cells instead of { $expected }
       *[other] { $shown } cells instead of { $expected }
    }
row-open-quote = a quote is opened here and not closed within { $max } bytes or the rest of the file
row-text-after-quote = text follows a closing quote; a quote inside a quoted cell is written twice
row-too-long = longer than { $max } bytes; only its beginning is kept in the report
row-cut-off = the file is cut off in this row
row-lacks = no { $what }
row-value-too-long = { $what } is { $is } bytes long, at most { $max } are taken
row-nul = the character U+0000
row-seq-form = seq is not a whole number from 0 on: { $text }
row-gap = seq { $found } where { $expected } comes next in its case
row-other-content = seq { $seq } of its case is taken, and says something else; what is in the log is never changed
row-waits = waits for line { $line }, which comes before it in its case and could not be taken
row-no-event = not an event: { $why }
rest-form = `rest` must be an object
the-time = time
the-event = the event

## Mappings that cannot be used

mapping-unknown = there is no mapping { $name }; built in are { $one } and { $other }; for your own give a path that ends in .toml
mapping-unreadable = the mapping { $path } cannot be read: { $why }
mapping-not-toml = the mapping { $name } cannot be read
mapping-key = the mapping { $name }, key { $key }: { $why }
mapping-columns = the mapping { $name } wants { $missing }, which { $file } does not have; its columns are { $present }
mapping-column-once = { $column } only once
mapping-delimiter-hint = ; its cells seem to be separated by { $delimiter }: say delimiter = { $delimiter }
mapping-schema = is { $found }, this release reads { $known }
mapping-delimiter = must be one character of ASCII, no quote
mapping-type-needed = is missing; a log of events needs it
mapping-not-for-snapshots = has no meaning where rows are snapshots: facts come from comparing them
mapping-not-for-events = has no meaning where a row is an event
mapping-snapshots-need = is missing; snapshots need it
mapping-vocabulary = there is no { $name }; the only one is { $known }
mapping-zone = { $zone } is neither UTC nor an offset such as +02:00
mapping-strftime = { $format } is no strftime format
mapping-time-format = { $format } is none of rfc3339, unix, unix_ms, and no strftime format
mapping-priority = { $text } is no priority; they are { $known }
rule-last = the last rule must fit everything: types = ["*"] and neither `to` nor `value`; or say vocabulary = "neutral"
rule-constant = { $key } is no constant of this event
rule-value-needed = is missing; this event needs it
rule-value-useless = has no use for this event
rule-labels-useless = has no use without `value`
rule-types-empty = is empty, so that the rule fits nothing
rule-reason = needs a reason, such as {"{"} reason = "customer" {"}"}
rule-escalated = needs a destination and a context, which no log has; take source.recorded
rule-event = { $name } is no event that can be imported (docs/EVENTS.md lists them)
rule-cause = the cause { $cause } is none of unknown, customer_reply, staff
rule-no-table = there is no table { $table }

## Exports that cannot be restored, and imports that do not fit the log

restore-wrong-line = line { $line }: { $why }; nothing was restored
restore-file-damaged = the file is cut off or damaged: { $why }
restore-no-line-end = no line end: the file is cut off, or the line is too long
restore-changed = the record is not written as Docket writes it; it was changed
restore-stream-name = the stream's name { $why }
restore-version-missing = version { $version } of { $stream } is missing before it
restore-cut-off = the file is cut off: its last command lacks { $events }
restore-command = the command ahead of it lacks events, or it says how many wrongly
restore-dated = it is dated before the line ahead of it
imported-elsewhere = an imported event is on no ticket's stream
fact-out-of-order = its fact { $seq } comes where fact { $expected } belongs

## What the layers below say: their own words, which a test compares

holds-no-log = { $path } holds no Docket log; give the directory of a server, or import into it first
holds-other-files = { $path } holds other files and no Docket log; choose a directory that is empty or not there yet
in-use = { $path } is in use by { $program } (process { $pid })
in-use-at = { $path } is in use by { $program } (process { $pid }, listening on { $address })
sqlite-too-old = SQLite { $found } can corrupt a log; 3.51.3 or newer is needed
is-no-log = { $path } is not a Docket log
newer-format = { $path } has log format { $found }, this release reads up to { $known }; use the newer release
damaged-at-the-end = the log is damaged at position { $position }: { $what }; restore a back-up, nothing was changed
# One form in English, as the layer below has it.
damaged-wal =
    { $count ->
        [one] { $path } is damaged at byte { $offset }, and { $shown } commits behind it would be lost; restore a back-up, nothing was changed
       *[other] { $path } is damaged at byte { $offset }, and { $shown } commits behind it would be lost; restore a back-up, nothing was changed
    }
read-only = { $path } cannot be written; give the server the right to write it
held-back = another process has been reading { $path } for long; end it, then start again
setting-not-kept = SQLite does not keep the setting { $setting }
log-damaged = the log is damaged at position { $position }: { $what }
log-unavailable = the log cannot be read: { $why }
conflict = stream { $stream } is at version { $actual }, not { $expected }
key-reused = the idempotency key was used before with another body, at position { $position }
id-reused = event id { $id } is in the log already, at position { $position }
limit = { $what } must be at most { $max }, is { $is }
busy = too many commands are waiting; try again
storage-full = the disk is full; writing resumes when there is space
outcome-unknown = whether the command was recorded is not known; repeat it with the same key
log-closed = the log takes no commands now: { $why }
name-empty = must not be empty
name-too-long = must be at most { $max } bytes long, is { $is }
name-character = must not contain { $character }; { $allowed }
name-takes-slug = use a-z, 0-9 and -
name-takes-text = control characters are not taken
time-form = not a time of the form { $form }: { $text }
time-range = outside the years 1 to 9999
time-unix = 1456737600 (seconds since 1970)
time-unix-ms = 1456737600000 (milliseconds since 1970)
record-unreadable = record at position { $position } cannot be read
record-elsewhere = record at position { $position } says that it is at { $claimed }
unknown-type = unknown event type { $name }; a newer release wrote it, so use that release
unknown-schema = unknown schema version { $schema } of { $name }; a newer release wrote it, so use that release
version-missing = version { $version } is missing
event-unreadable = data of { $name } cannot be read
other-projector = made by another definition of the projector ({ $found })
file-damaged = damaged: { $what }
waits-at = waits at position { $position }: { $why }
rebuild-mismatch = what was written does not hash to what was folded
rebuild-stopped = it was stopped
damage-record-missing = the record is missing
damage-hash = the record does not hash to what is stored
damage-record-form = the record is no blob
damage-hash-form = the hash is no blob
damage-column-stream = the column stream says something else than the record
damage-column-version = the column version says something else than the record
damage-column-event-id = the column event_id says something else than the record
damage-column-command = the column command says something else than the record
damage-index = an index leads to it that belongs to another record
damage-dated = the record is dated before the one ahead of it
damage-position-missing = position { $position } is missing
damage-file = the file is not sound: { $verdict }
damage-command = the command ahead lacks { $number } events
damage-no-read-model = it is no read model
damage-checkpoint = the checkpoint does not match its checksum
damage-rows = the rows do not hash to what the checkpoint says
damage-counters = the counters do not count the rows
