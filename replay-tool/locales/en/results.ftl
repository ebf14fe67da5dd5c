### What the commands come to, in English.

## Counts, and words that several commands use

events =
    { $count ->
        [one] { $shown } event
       *[other] { $shown } events
    }
streams =
    { $count ->
        [one] { $shown } stream
       *[other] { $shown } streams
    }
tickets =
    { $count ->
        [one] { $shown } ticket
       *[other] { $shown } tickets
    }
and-more = and { $number } more
at-position = position { $position }: { $what }
none = none
unassigned = unassigned
no-subject = (no subject)
sealed-text = (sealed)
due = due { $at }

## How far a command has come

progress-left = { $time } left
progress-step = { $what }: { $percent } %
progress-checking = checking
progress-exporting = exporting
progress-folding = folding
progress-importing = importing
progress-reading = reading
progress-rebuilding = rebuilding
progress-restoring = restoring
progress-verifying = verifying

## import and mappings

import-read =
    { $count ->
        [one] { $shown } row of { $file } read with the mapping { $mapping }
       *[other] { $shown } rows of { $file } read with the mapping { $mapping }
    }
import-appended =
    { $count ->
        [one] { $shown } event appended, { $there } were there already
       *[other] { $shown } events appended, { $there } were there already
    }
import-new-tickets =
    { $count ->
        [one] { $shown } new ticket, numbered { $first } to { $last }; the log ends at position { $head }
       *[other] { $shown } new tickets, numbered { $first } to { $last }; the log ends at position { $head }
    }
import-no-tickets = no new tickets; the log ends at position { $head }
import-remark = note: { $remark }
import-rejected =
    { $count ->
        [one] { $shown } row could not be taken: { $fault } at fault, { $waiting } waiting for one of those
       *[other] { $shown } rows could not be taken: { $fault } at fault, { $waiting } waiting for one of those
    }
import-rejected-row = line { $line }: { $reason }
import-kept = they are kept in { $report }
import-mend = mend the file and import it again: only what is missing is appended
remark-cut-off = the compressed file is cut off: what comes after its last row is missing
remark-no-line-end = the last row has no line end; if the file was cut off there, import the whole one
remark-state = the mapping has no name for the state { $label }; it was taken in lower case
purpose-plain = Any log in the columns of events.csv.gz: one row is one event
purpose-servicenow = ServiceNow's audit log: one row is a snapshot of the incident after an update
purpose-neutral = What each type of a neutral event log becomes in Docket; used for JSON lines by itself

## verify

verify-whole = { $events } on { $streams }, { $bytes } bytes: none missing, each as it was stored
verify-readable = every event can be read by this release
file-missing = the attachment { $digest } is missing
file-altered = the attachment { $digest } is not what it was
file-unreadable = the attachment { $digest } cannot be read: { $error }
verify-stopped = the log is damaged there, and what comes after was not checked; nothing was changed
verify-restore = restore a back-up or an export into another directory

## export, restore and back-up

export-done =
    { $count ->
        [one] { $shown } event written to { $file }, up to position { $head }
       *[other] { $shown } events written to { $file }, up to position { $head }
    }
restore-done =
    { $count ->
        [one] { $shown } event restored; the log ends at position { $head }
       *[other] { $shown } events restored; the log ends at position { $head }
    }
restore-went-on = { $events } were there already, from an interrupted restore
back-up-done = { $file } holds the log; keep the directory keys/ with it

## stats

stats-events = { $events } about { $tickets } on { $streams }
stats-origins = { $decided } decided by Docket, { $imported } imported
stats-system = { $number }  from { $system }
stats-happened = happened between { $first } and { $last }
stats-recorded = recorded between { $first } and { $last }
stats-bytes = { $records } bytes of records, { $file } bytes on disk

## state

queue-as-of = As of position { $position }, judged at { $at }
late =
    { $count ->
        [one] { $shown } late
       *[other] { $shown } late
    }
ticket-as-of = position { $position }, judged at { $at }
fact-as-of = as of
fact-lane = lane
fact-status = status
fact-priority = priority
fact-category = category
fact-team = team
fact-assignee = assignee
fact-opened = opened
fact-changed = changed
fact-cycle = cycle
fact-version = version
fact-response = response
response-missed = missed at { $at }
response-met = met at { $at }
response-resolved = resolved in time at { $at }
response-merged = merged into another ticket at { $at }
clock-resolved = resolved in time at { $at }
clock-paused = waits for the customer
fact-next-reply = next reply
fact-requester-wait = requester wait
fact-agent-work = agent work
fact-resolution-clock = resolution clock

## report

what-if-as-of = Target, priority, ended, missed, seconds, running; as of position { $position }
attainment-as-of = First response, as of position { $position }
answered-in-time = answered in time
answered-late = answered late
resolved-in-time = resolved without an answer, in time
resolved-late = resolved without an answer, late
cancelled = merged into another ticket before an answer
still-running = still running
metrics-as-of =
    { $count ->
        [one] { $shown } ticket, as of position { $position }; hours, definition { $definition }
       *[other] { $shown } tickets, as of position { $position }; hours, definition { $definition }
    }
column-group = group
column-what = what
column-n = n
column-mean = mean
column-open = open
column-reopened = reopened
all-groups = all
no-group = (none)
first-response = first response
first-resolution = first resolution
full-resolution = full resolution
hand-over = hand-over
set-aside =
    { $count ->
        [one] { $shown } ticket has an event that cannot be taken and stays as it was before it: ticket { $ticket }, at position { $position }: { $why }
       *[other] { $shown } tickets have an event that cannot be taken and stay as they were before it: first ticket { $ticket }, at position { $position }: { $why }
    }

## rebuild

rebuild-verdict = position { $position }, digest { $digest }
verdict-equal = equal
verdict-differs = differs
verdict-damaged = damaged
verdict-missing = missing
verdict-replaced = replaced
ahead-of-log = it has come to position { $position }, which the log has not

## history: what happened

history-of-ticket = ticket { $ticket } (log up to position { $head })
history-of-case = ticket { $ticket }, { $case } in { $system } (log up to position { $head })
actor = { $who } ({ $role })
actor-of-team = { $who } ({ $role } of { $team })
source-row = , row { $row }
source-nothing = nothing
to-team = team { $team }
happened-opened = opened for { $requester }: { $subject }
happened-assigned = assigned to { $to }
happened-reassigned = reassigned from { $from } to { $to }
happened-unassigned = unassigned from { $from }
happened-team = team { $from } -> { $to }
happened-priority = priority { $from } -> { $to }
happened-category = category { $from } -> { $to }
happened-replied = replied
happened-customer-replied = customer replied
happened-noted = internal note
happened-pending = pending, waiting for { $reason }
happened-open = open
happened-escalated = escalated to { $to }: { $reason }
happened-resolved = resolved: { $resolution }
happened-reopened = reopened, cycle { $cycle }: { $cause }
happened-sealed = sealed
happened-routed = routed to { $to } by { $list } version { $version }
happened-waiting = waits for routing, { $reason }, by { $list } version { $version }
happened-offered = up for routing again
happened-attached = attached { $digest }, { $kind }, { $bytes } bytes
happened-template = written from { $template } version { $version }, { $language }
happened-tags = tags put on: { $added }; taken off: { $removed }
happened-field = field { $field }
happened-followed = followed by { $by }
happened-unfollowed = no longer followed by { $by }
happened-linked = linked with ticket { $ticket }
happened-unlinked = no longer linked with ticket { $ticket }
happened-snoozed = laid aside until { $until }
happened-woken = no longer laid aside
happened-merged = merged into ticket { $ticket }
happened-unmerged = no longer merged into ticket { $ticket }
happened-absorbed = ticket { $ticket } was merged into it
happened-parted = ticket { $ticket } is no longer merged into it
happened-forwarded = customer replied to the merged ticket { $ticket }
happened-acknowledged = escalation acknowledged
happened-sent-back = escalation returned to team { $team }, assignee { $assignee }
happened-confirmed = solution of cycle { $cycle } confirmed by the customer
happened-confirmed-by-time = solution of cycle { $cycle } confirmed by time
happened-refused = the customer refused the solution
happened-rated = rated { $score } for cycle { $cycle }, resolved by { $resolver }
happened-rated-through = { $what } ({ $through })
through-signed-in = signed in
through-ticket-link = by the link of the ticket
through-survey-link = by a survey link
happened-source = recorded by the source
happened-taken = took on ticket { $ticket }
happened-given-up = gave up ticket { $ticket }
happened-reweighed = ticket { $ticket } weighs otherwise
happened-warned = target { $target } of { $policy } (version { $version }) comes near; due { $at }
happened-breached = target { $target } of { $policy } (version { $version }) was missed; due { $at }
happened-added = added { $member } ({ $name }), { $role }, teams: { $teams }
happened-renamed = renamed { $member }
happened-role = role of { $member } { $from } -> { $to }
happened-teams = teams of { $member } { $from } -> { $to }
happened-left = { $member } left
happened-came-back = { $member } came back
happened-skills = skills of { $member } { $from } -> { $to }
happened-permissions = permissions of { $member } { $from } -> { $to }
happened-capacity = capacity of { $member } { $from } -> { $to } points
happened-invited = invited { $member }; the code works until { $until }
happened-token-made = token { $token } of { $member } was made for { $scopes }, until { $until }
happened-token-revoked = token { $token } of { $member } was revoked
happened-sessions-revoked = every session of { $member } was ended
happened-availability = availability { $from } -> { $to }
happened-account-added = added the account { $account }
happened-account-changed = changed the account { $account }
happened-customer-added = added the customer { $customer }
happened-customer-changed = changed the customer { $customer }
happened-customer-moved = account of { $customer } { $from } -> { $to }
happened-customer-invited = invited the customer { $customer }; the code works until { $until }
happened-link-made = a link lets { $customer } into ticket { $ticket } until { $until }
happened-survey-link-made = a link lets { $customer } rate ticket { $ticket } until { $until }
happened-published = { $catalogue }: { $slug } version { $number }, in force from { $since }
happened-retired = { $catalogue }: { $slug } retired from { $since }
happened-view-saved = saved a view for themselves: { $filter }
happened-view-shared = saved a view for everybody: { $filter }
happened-view-removed = removed a view
happened-webhook-added = events { $events } go to { $origin }
happened-webhook-changed = the webhook to { $origin } was changed; it gets { $events }
happened-webhook-removed = webhook { $endpoint } was removed
happened-webhook-rotated = webhook { $endpoint } got another secret
happened-webhook-paused = webhook { $endpoint } was paused: { $reason }
happened-webhook-resumed = webhook { $endpoint } goes on
pause-wished = an admin wished it
pause-gone = the endpoint is gone for good
pause-failing = nothing got through for a day
pause-dead-letters = too many events were given up
cause-customer = the customer wrote again
cause-staff = staff found more to do
cause-unknown = cause not known
