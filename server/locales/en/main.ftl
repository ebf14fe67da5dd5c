### Everything the pages say, in English. Another language is one more file with the same messages.
### server/build.rs checks them and makes `Texts` of them. Text that depends on a number takes $count to
### choose by and $shown to show.

own-name = English

## Numbers, times and spans

number-decimal = .
number-group = ,
# Groups of three digits are set apart from this many digits on.
number-group-from = 4
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sept
month-10 = Oct
month-11 = Nov
month-12 = Dec
date-time = { $day } { $month } { $year }, { $hour }:{ $minute } UTC
span-days = { $days } d
span-hours = { $hours } h
span-minutes = { $minutes } min
span-seconds = { $seconds } s
span-two = { $large } { $small }
time-now = just now
time-ago = { $time } ago
time-ahead = in { $time }
percent = { $number }%

## What every page has

skip-to-content = Skip to content
nav-tickets = Tickets
nav-support = Support
nav-reports = Reports
nav-language = Language
as-of = As of position { $position }, { $time }
behind =
    { $count ->
        [one] { $shown } event behind
       *[other] { $shown } events behind
    }
behind-for = { $behind }, for { $span }
signed-in-as = { $name }, { $role }
none = none
nobody = unassigned

## Words of the domain

lane-new = New
lane-open = Open
lane-pending = Pending
lane-resolved = Resolved
status-new = New
status-open = Open
status-pending = Pending
status-resolved = Resolved
priority-urgent = Urgent
priority-high = High
priority-normal = Normal
priority-low = Low
category-account = Account
category-billing = Billing
category-technical = Technical
category-content = Content
category-other = Other
team-support = Support
team-account = Account
team-billing = Billing
team-technical = Technical
team-content = Content
reason-needs-expertise = Needs expertise
reason-needs-permission = Needs permission
reason-customer-request = The customer asks for it
reason-deadline-at-risk = The deadline is at risk
reason-complaint = Complaint
reason-other = Other
resolution-solved = Solved
resolution-workaround = Workaround
resolution-answered = Question answered
resolution-not-reproducible = Not reproducible
resolution-declined = Declined
resolution-duplicate = Duplicate
resolution-spam = Spam
pending-customer = waiting for the customer
pending-third-party = waiting for a third party
pending-snoozed = laid aside
role-customer = customer
role-agent = agent
role-supervisor = supervisor
role-auditor = auditor
role-analyst = analyst
role-admin = administrator
role-system = Docket
role-unknown = not told by the import
channel-api = API
channel-portal = Customers’ portal
channel-web = Agents’ pages
channel-phone = Telephone
channel-email = E-mail
channel-import = Import
language-en = English
language-es = Spanish
policy-default = Default

## The first-response clock

badge-late = { $time } late
badge-soon = due soon, { $time }
badge-due = due in { $time }
badge-met = answered in { $time }
badge-missed = answered { $time } late
badge-resolved = closed without reply
badge-resolved-late = closed { $time } late
badge-merged = merged before an answer
badge-none = no target
badge-due-at = Due { $time }
badge-was-due-at = Was due { $time }

## Queue

queue-tickets =
    { $count ->
        [one] { $shown } ticket
       *[other] { $shown } tickets
    }
queue-late =
    { $count ->
       *[other] { $shown } late
    }
column-number = No.
column-subject = Subject
column-requester = Requester
column-priority = Priority
column-assignee = Assignee
column-waiting = Waiting
column-resolved = Resolved
column-first-response = First response
badge-escalated = escalated
badge-escalated-from = escalated by { $team }
badge-returned = returned by { $who }
badge-merged-away = merged
badge-sealed = sealed
badge-reopened = reopened
badge-stale = set aside
queue-not-waiting = nobody
no-subject = (no subject)
queue-next = Next { $count }
queue-first = Back to the first page
empty-new = Nothing new. Everything that came in has been taken up.
empty-open = Nothing is in progress.
empty-pending = Nothing waits for somebody outside.
empty-resolved = Nothing has been resolved yet.
empty-page = There is nothing more in this lane.
empty-all = There are no tickets yet. Start the server with --sample-tickets to look around, import a log with docket-replay import, or open a ticket with POST /api/v1/tickets.
empty-go-new = Take a new ticket
empty-go-open = Go on with an open ticket

## Ticket

ticket-conversation = Conversation
ticket-about = About this ticket
ticket-handed-over = Escalated: { $reason }
ticket-read-context = Read what the receiver must know
ticket-stale = An event of this ticket cannot be read, so the ticket was set aside: all below is as it last was. Ask an operator to look at the health page.
ticket-sealed = This ticket is sealed and takes no more messages.
kind-customer = customer
kind-reply = public reply
kind-note = internal note, staff only
kind-closing = closing notes, staff only
kind-escalation = escalation, staff only
kind-returned = Escalation returned
kind-written-down = written down by { $who }
message-new = new
text-missing = No text in the log.
thread-more = There are more events. Show the next ones
thread-beginning = Back to the beginning
step-opened = { $who } opened the ticket
step-taken = { $who } took the ticket
step-assigned = { $who } assigned it to { $to }
step-reassigned = { $who } reassigned it from { $from } to { $to }
step-returned = { $who } returned it to the queue
step-unassigned = { $who } took it from { $from } and returned it to the queue
step-team = { $who } moved it to the team { $to }
step-team-none = { $who } took it out of its team’s queue
step-priority = { $who } set the priority to { $to }
step-priority-changed = { $who } changed the priority from { $from } to { $to }
step-category = { $who } set the category to { $to }
step-category-changed = { $who } changed the category from { $from } to { $to }
step-pending = { $who } set it pending: { $reason }
step-open = { $who } set it open again
step-escalated = { $who } escalated it to { $to }: { $reason }
step-resolved = { $who } resolved it: { $resolution }
step-resolved-plain = { $who } resolved it
step-reopened = { $who } reopened it, cycle { $cycle }
step-sealed = { $who } sealed it: it takes no more messages
step-source = The source of the import says: { $what }
step-source-change = The source of the import says: { $what }, from { $from } to { $to }
step-routed = Routing gave it to { $to }
step-waiting = Routing found nobody: { $reason }
step-offered = { $who } gave it to routing again
step-template = { $who } wrote from the template { $template }
step-tagged = { $who } put on the tags { $tags }
step-untagged = { $who } took off the tags { $tags }
step-retagged = { $who } put on the tags { $added } and took off { $removed }
step-field = { $who } changed the field { $field }
step-followed = { $who } follows it
step-unfollowed = { $who } follows it no more
step-linked = { $who } linked it with #{ $ticket }
step-unlinked = { $who } took away the link with #{ $ticket }
step-snoozed = { $who } laid it aside until { $until }
step-woken = It came back: the time it was laid aside for is over
step-merged = { $who } merged it into #{ $ticket }
step-unmerged = { $who } took it out of #{ $ticket } again
step-absorbed = { $who } merged #{ $ticket } into it
step-parted = { $who } took #{ $ticket } out of it again
step-acknowledged = { $who } acknowledged the escalation
step-sent-back = { $who } returned it to { $to }
step-confirmed = { $who } confirmed the solution
step-confirmed-by-time = The solution counts as confirmed: nobody objected in time
step-rated-good = { $who } rated it as good
step-rated-bad = { $who } rated it as bad
step-attached = { $who } attached a file
step-warned = The first response came near its deadline, { $due }
step-breached = The first response was missed: it was due { $due }
step-other = { $who }: { $event }
history-title = History
history-events =
    { $count ->
        [one] { $shown } event
       *[other] { $shown } events
    }
history-show = Show all
history-hide = Hide
column-position = Position
column-version = Version
column-event = Event
column-recorded = Recorded
column-happened = Happened
column-actor = Who
history-imported = imported

## Forms on a ticket

compose-legend = Write
compose-reply = Public reply
compose-note = Internal note
compose-customer = The customer said
label-reply = Your reply
label-note = Your note
label-customer = What the customer said
audience-reply = { $name } will read this.
audience-note = Only staff can read this.
audience-customer = It is added as a message of { $name }.
button-send = Send
button-send-pending = Send and set pending
button-note = Add note
button-customer = Add message
actions-title = Actions
properties-change = Change
properties-change-all = Change priority, category or team
action-take = Take
action-assign = Assign
action-unassign = Return to the queue
action-set-pending = Set pending
action-set-open = Set open
action-escalate = Escalate
action-resolve = Resolve
action-reopen = Reopen
action-acknowledge = Acknowledge
action-return = Return the escalation
action-snooze = Lay aside
action-sort = Tags, fields, links, following
action-follow = Follow
action-unfollow = Follow no more
action-tag = Change tags
action-set-field = Set the field
action-link = Link
action-unlink = Take the link away
action-merge = Merge into another ticket
action-unmerge = Unmerge
merge-hint = It becomes part of another ticket of the same customer. It can be undone.
unmerge-hint = The ticket stands by itself again, as it did before.
field-snooze = For how long
field-tags-add = Tags to put on
field-tags-remove = Tags to take off
field-field = Name of the field
field-value = Value; empty to clear it
field-ticket = Number of the ticket
snooze-1 = 1 hour
snooze-4 = 4 hours
snooze-24 = 1 day
snooze-168 = 1 week
action-confirm = Customer confirmed
action-refuse = Customer refused
action-seal = Seal
action-change-team = Change team
action-change-priority = Change priority
action-change-category = Change category
field-assign-to = Assign to
field-pending-reason = Waiting for
field-reason = Reason
field-team = Team
field-or-supervisor = or a supervisor, by name
field-context = What the receiver must know
field-resolution = Resolution
field-notes = Closing notes, for staff only
field-confirmation = Ask the customer to confirm
field-survey = Send a survey
field-priority = Priority
field-category = Category
field-choose = Choose…
resolve-unassigned = Nobody is assigned. Take the ticket first, unless it is spam or a duplicate.
seal-hint = A sealed ticket takes no more messages. This cannot be undone.
done-take = The ticket is yours.
done-acknowledge = Acknowledged.
done-return = Returned.
done-snooze = Laid aside.
done-tag = The tags are changed.
done-set-field = The field is changed.
done-follow = You follow the ticket.
done-unfollow = You follow the ticket no more.
done-link = Linked.
done-unlink = The link is taken away.
done-merge = Merged.
done-unmerge = The ticket stands by itself again.
done-assign = Assigned.
done-unassign = Returned to the queue.
done-reply = Your reply is sent.
done-note = Your note is added.
done-customer-reply = The customer’s message is added.
done-set-pending = Set pending.
done-set-open = Set open.
done-escalate = Escalated.
done-resolve = Resolved.
done-reopen = Reopened.
done-confirm = Written down as confirmed.
done-refuse = Written down, and the ticket is open again.
done-seal = Sealed.
done-change-team = The team is changed.
done-change-priority = The priority is changed.
done-change-category = The category is changed.
refused-title = This was not done
moved-title = The thread moved while you were writing
moved-text =
    { $count ->
        [one] { $shown } message is new and marked below. Read it, then send again: what you wrote is still here.
       *[other] { $shown } messages are new and marked below. Read them, then send again: what you wrote is still here.
    }
moved-show = Show what is new
kept-title = What you wrote
form-blank = Write something first.
form-too-long = The text is too long: { $is } bytes, at most { $max }.
form-nul = The text holds the character U+0000, which is not taken.
form-choice = Choose one of what is offered.
form-name = Give the name of a person, at most 128 bytes long and without control characters.
form-destination = Choose either a team or a supervisor.
form-tag = Tags are made of a to z, 0 to 9 and hyphens.
form-ticket = That is not the number of a ticket.
form-key = This page is too old. Send again.
form-sent-before = This form was sent before with other words, and those were recorded. Look at the thread before you send again.

## Deadlines

clock-title = Deadlines
clock-first-response = First response
clock-why = Why?
clock-policy = Policy { $policy }, version { $version }: first response within { $target } for priority { $priority }, in calendar time, without pauses.
clock-started = Clock started
clock-due = Due
clock-soon = Counts as due soon from
clock-missed = Missed
clock-answered = Answered
clock-closed = Closed without reply
clock-merged = Merged into another ticket
clock-elapsed = Time taken so far
clock-took = Time taken
clock-intervals = Targets that applied
clock-running = running

## Properties

properties-title = Properties
property-requester = Requester
property-language = Language
property-channel = Channel
property-status = Status
property-pending = Reason
property-priority = Priority
property-category = Category
property-team = Team
property-assignee = Assignee
property-resolution = Resolution
property-opened = Opened
property-updated = Last change
property-resolved = Resolved
property-waiting = Routing
property-snoozed = Laid aside until
property-merged-into = Merged into
property-merged = Merged
property-links = Links
property-tags = Tags
property-followers = Followers
property-fields = Fields
property-cycle = Cycle
property-version = Version

## Reports

report-title = Reports
report-by = Group by
report-by-category = Category
report-by-priority = Priority
report-by-agent = Agent
report-from = Opened from
report-until = until
report-show = Show
report-zone = Days in UTC, both included.
report-within-reach = Counted are those of your teams, those of no team, and your own.
report-tickets =
    { $count ->
        [one] { $shown } ticket opened in this time
       *[other] { $shown } tickets opened in this time
    }
report-empty = No ticket was opened in this time. Choose other days.
measure-first-response = First response
measure-first-response-says = From opening to the first public reply by staff.
measure-first-resolution = First resolution
measure-first-resolution-says = From opening to the first time it was resolved.
measure-full-resolution = Full resolution
measure-full-resolution-says = From opening to the resolution that stands.
measure-outcome = Still open and reopened
measure-outcome-says = A reopening counts for whoever resolved the ticket first.
column-tickets = Tickets
column-mean = Mean
column-median = Median
column-p90 = 90% within
column-p95 = 95% within
column-still-open = Still open
column-reopened-tickets = Reopened tickets
column-reopenings = Reopenings
group-all = All
group-none = (none)
attainment-title = Deadlines of the first response
attainment-says = All tickets, whatever is chosen above.
attainment-met = Answered in time
attainment-missed = Answered late
attainment-fulfilled = Closed without reply, in time
attainment-resolved-late = Closed without reply, late
attainment-cancelled = Merged before an answer
attainment-running = Still running
attainment-rate = Answered in time, of all answered
report-definition = Definitions version { $version }. Times are exact to the second; point at one to see its seconds.
exact-seconds = { $seconds } s

## Pages that say no

error-title = This cannot be shown
error-ticket = There is no ticket { $number }
error-ticket-hint = The number may be mistyped. Tickets are numbered from 1 in the order in which they were opened.
error-back = Go to the queue
error-back-reports = Go to the reports
error-again = Try again
problem-not-found = There is nothing at this address.
problem-method-not-allowed = This address is not for that.
problem-malformed = The request was cut off or is not well formed.
problem-invalid = Something in what was sent cannot be taken.
problem-body-too-large = What was sent is too large.
problem-media-type = What was sent is not of a type that is taken here.
problem-foreign-site = The request comes from another site, or is for another host.
problem-internal = The server failed to answer. Look at what came of it before you try again.
problem-history-damaged = The stored history cannot be read. Nothing was changed; ask an operator to verify the log.
problem-behind = This view has not come as far as the log yet. Try again in a moment.
problem-building = This view is being made from the log. Try again in a moment.
problem-read-model-unavailable = This view cannot be read now. Try again in a moment.
problem-log-unavailable = The log cannot be read now. Try again in a moment.
problem-log-closed = The log takes no commands now. Try again later.
problem-busy = Too many commands are waiting. Try again in a moment.
problem-storage-full = The disk is full. Nothing was recorded; try again when an operator has made room.
problem-outcome-unknown = Whether this was recorded is not known. Look at what came of it before you send it again.
problem-shutting-down = The server is shutting down. Try again later.
problem-too-many-streams = Too many event streams are open. Try again later.
problem-too-many-own-streams = Too many event streams of yours are open. End some of them first.
problem-access-changed = What you may see changed while you waited. Ask again.
problem-too-many-bodies = Too many large requests are being taken. Try again in a moment.
problem-position-ahead = The log has not come to that position. Read again from the beginning.
problem-filter-not-understood = An operator of the filter is not understood.
problem-view-shared = This view is shared. A supervisor or an admin changes it.
problem-view-not-found = There is no such view.
problem-too-many-views = You have 50 views already. Remove one first.
problem-too-many-shared-views = 50 views are shared already. Remove one first.
problem-not-searchable = There is no word to look for, or too little of one.
problem-cursor-not-valid = This cursor is not valid. Begin without one.
problem-cursor-of-another-query = This cursor belongs to another list. Begin without one.
problem-member-not-found = There is no such member of the staff.
problem-member-already-there = Somebody has this identifier already. Choose another one.
problem-member-inactive = The member has left. Reactivate them first.
problem-last-admin = This is the last admin. Make somebody else an admin first.
problem-role-not-of-staff = This is no role of the staff.
problem-too-many-teams = A member belongs to 64 teams at most.
problem-too-many-members = There are as many members already as there may be.
problem-member-takes-no-tickets = This member's role takes no tickets.
problem-too-many-skills = A member has 64 skills at most.
problem-capacity-out-of-range = Capacity is 0 to 1000 points, and each weight 1 to 1000.
problem-customer-not-found = There is no such customer or account.
problem-customer-has-password = They have chosen a password. An admin can invite them to choose another.
problem-identifier-taken = This identifier is taken. Choose another one, or change what it stands for.
problem-unknown-account = There is no such account. Add it first.
problem-unknown-contact = The contact is no customer. Add them first.
problem-too-many-fields = There are 50 fields of your own at most.
problem-unknown-escalation-reason = There is no such reason to escalate.
problem-unknown-resolution = There is no such resolution category.
problem-setting-not-found = There is no such entry in this catalogue.
problem-effective-date-past = The effective date is past. What was stays as it was; choose a later one.
problem-setting-needed = This is always needed. Publish another version of it instead.
problem-setting-in-use = Another setting needs it. Change that one first.
problem-too-many-settings = There are as many entries already as there may be.
problem-too-many-changes = This catalogue has been changed as often as it can be.
problem-template-too-long = The template is longer than 8 KiB in one language.
problem-unknown-variable = The template asks for a variable that there is not.
problem-unbalanced-braces = The braces of the template do not belong together.
problem-too-many-rules = There are more rules, or more values in them, than a list may hold.
problem-empty-condition = A rule has a condition that nothing fits.
problem-shadowed-rule = A rule is never reached. Move it up, or leave it out.
problem-unknown-team = There is no such team.
problem-unknown-category = There is no such category.
problem-unknown-schedule = There is no such schedule.
problem-target-out-of-range = A target must be one second to ten years.
problem-warning-out-of-range = The warning must begin before the target is due.
problem-days-out-of-range = A wait must be one day to a year.
problem-sealed-before-confirmed = A ticket must not be sealed before it confirms itself.
problem-unknown-zone = There is no such time zone.
problem-other-tzdata = This release knows other rules of time zones. Leave their version out.
problem-never-open = The schedule is never open. Add a shift.
problem-shift-out-of-range = A shift must close after it opens, within a day.
problem-overlapping-shifts = Two shifts overlap. Let one end where the other begins.
problem-holiday-twice = A holiday is listed twice. Leave one out.
problem-schedule-too-long = The schedule has more shifts or holidays than it may have.
problem-conflict = This was changed meanwhile. Try again.
problem-idempotency-key-reused = Something else was sent before with the same key. Look at what came of it before you send this.
problem-precondition-required = The request does not say which version of the ticket was read.
problem-request-in-flight = A request with this key is being carried out.
problem-answered-before = This was done before, and its answer is not kept.
problem-key-interrupted = This was begun, and it is not known how it ended.
problem-answers-unavailable = This cannot be remembered now, and was not done. Try again later.
problem-version-ahead = The ticket has never been at that version. Look at it again before you send.
problem-head-too-large = The address or the request’s fields are too long.
problem-too-slow = What was sent did not come in time. Send it again.
problem-held = A newer release wrote to the log. An operator must run that release.
problem-thread-moved = The thread moved while you were writing.
problem-ticket-not-found = There is no such ticket.
problem-ticket-already-opened = The ticket is open already.
problem-ticket-resolved = The ticket is resolved. Reopen it first.
problem-ticket-not-resolved = The ticket is not resolved.
problem-ticket-already-resolved = The ticket is resolved otherwise already. Reopen it to resolve it differently.
problem-ticket-sealed = The ticket is sealed and takes no more messages. Open another one that follows it.
problem-ticket-without-assignee = Nobody is assigned. Assign the ticket before you resolve it.
problem-ticket-not-started = The ticket is new. Take it or answer it to open it.
problem-role-not-allowed = Your role does not allow this.
problem-ticket-of-somebody-else = The ticket is somebody else’s. Ask a supervisor to reassign it.
problem-ticket-not-escalated = The ticket is not escalated.
problem-ticket-has-too-many = The ticket has as many of these as it may have. Take some away first.
problem-ticket-merged = The ticket is merged into another one. Work on that one, or unmerge this one first.
problem-ticket-not-merged = The ticket is not merged into another one.
problem-merged-into-itself = A ticket cannot be merged into itself. Name another one.
problem-merged-in-a-circle = The other ticket is merged into this one. Unmerge it first.
problem-merge-target-merged = The other ticket is merged into a third one. Merge into that one.
problem-merge-target-sealed = The other ticket is sealed. Merge the other way round.
problem-merge-source-has-merged = Other tickets are merged into this one. Unmerge them first, or merge the other way round.
problem-merge-of-another-customer = The other ticket is of another customer. Only tickets of the same customer are merged.
problem-linked-to-itself = A ticket cannot be linked with itself. Name another one.
problem-unknown-assignee = Nobody who works tickets is called that. Choose somebody of the staff who is active.
problem-unknown-supervisor = Nobody who takes escalations is called that. Choose one of the ticket’s destinations.
problem-team-without-members = The team has nobody who works tickets. Choose one of the ticket’s destinations.
problem-snooze-out-of-range = Choose an instant in the future, at most 366 days ahead.
problem-other-ticket-not-found = There is no such other ticket.
problem-escalation-to-itself = The ticket is there already. Choose another team or supervisor.
problem-confirmation-not-asked = Nobody was asked to confirm this.
problem-rating-not-asked = Nobody asked for a rating of this.
problem-already-rated = This was rated already, and a rating stays as it was given.
problem-cycle-over = The ticket was worked on again since. It can be rated once that is done.
problem-import-running = Another import is under way. Send this one again once it has ended.
problem-rebuild-running = A rebuild of this view is running already.
problem-rebuild-failed = The rebuild failed. What served before goes on serving.
problem-nothing-to-roll-back = There is no earlier state to go back to.

## Signing in

sign-in-title = Sign in
sign-in-id = User name
sign-in-password = Password
sign-in-enter = Sign in
sign-in-nobody = Nobody works here yet. Stop the server, make the first admin with this command, and start it again:
sign-in-invited = You were given a code?
sign-in-invited-link = Choose your password
sign-out = Sign out
welcome-title = Choose your password
welcome-text = The code works once. Whoever gave it to you does not learn your password.
welcome-code = Code
welcome-password = New password
welcome-hint = At least 12 characters. Several words are easy to keep in mind.
welcome-enter = Save and sign in
welcome-back = I have a password already
customer-title = These pages are for people who work here
customer-password-set = Your password is set, and your user name is { $name }.
customer-text = There are no pages for customers here yet. Whoever invited you tells you where you see your tickets and answer in them; your user name and your password are good there.
rate-title = How was it?
rate-ticket = Ticket { $number }
rate-question = How did we do with this request?
rate-good = Good
rate-bad = Bad
rate-comment = Is there anything you would like to say about it? (optional)
rate-send = Send rating
rate-hint = A rating stays as it was given. What you write reaches the people who work here.
rate-choose = Choose good or bad.
rate-too-long = The comment is too long. Shorten it, please.
rate-was-good = You rated this as good. Thank you.
rate-was-bad = You rated this as bad. Thank you for telling us.
problem-sign-in-required = Sign in first.
problem-sign-in-refused = The name or the password is not right.
problem-sign-in-busy = Many people are signing in. Try again in a moment.
problem-token-malformed = This is no token of this server.
problem-token-unknown = This token is not known here.
problem-token-expired = This token has expired.
problem-token-revoked = This token was revoked.
problem-session-ended = This session has ended. Sign in again.
problem-session-moved = This session began in another browser or network, so it was ended. Sign in again.
problem-session-needed = Only somebody who has signed in with a password may do this.
problem-account-inactive = This account is not active. Ask an admin.
problem-link-invalid = This link is not valid any more. Ask for a new one.
problem-scope-missing = This token may not be used for this.
problem-too-many-requests = Too many requests. Wait a moment and try again.
problem-code-invalid = This code is not valid any more. Ask whoever invited you for a new one.
problem-password-weak = This password is too short or too easily guessed. Use at least 12 characters, such as several words.
problem-too-many-credentials = There are as many of these as there may be. Revoke some first.
problem-credentials-unavailable = Signing in does not work now. Try again later.
problem-webhook-not-found = There is no such webhook.
problem-webhook-already-there = This webhook is there already.
problem-too-many-webhooks = There are as many webhooks as there may be. Remove one first.
problem-webhook-without-events = Name at least one event, or * for all of them.
problem-webhook-event-unknown = No event of that name is sent by webhooks.
problem-webhook-event-internal = That event is only for the staff. Allow internal matters for this webhook, or leave it out.
problem-webhook-address-refused = Webhooks may not go to this address.
problem-webhook-lost = The address and the secret of this webhook were lost. Remove it, and add it again.
problem-webhooks-unavailable = Webhooks cannot be changed now. Try again later.

# Why routing found nobody
waiting-rule = no rule fits
waiting-member = the team has nobody who takes tickets
waiting-permission = nobody of the team may take it
waiting-skill = nobody of the team has the skill
waiting-availability = nobody is there
waiting-capacity = everybody is full
