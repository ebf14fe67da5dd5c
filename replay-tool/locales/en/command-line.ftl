### What can be said to docket-replay, in English. Another language is one more directory with the same messages.
### replay-tool/build.rs checks them and makes `Texts` of them. Text that depends on a number takes $count to choose
### by and $shown to show.

## Numbers

number-decimal = .
number-group = ,
# Groups of three digits are set apart from this many digits on.
number-group-from = 4

## Around the help of every command

usage = Usage:
heading-commands = Commands
heading-arguments = Arguments
heading-options = Options
values-heading = Possible values:
special-values = [possible values: { $names }]
special-commands = [subcommands: { $names }]
special-default = [default: { $value }]
special-environment = [env: { $name }={ $value }]
print-help-see-more = Print help (see more with '--help')
print-help-see-summary = Print help (see a summary with '-h')
exit-codes =
    Exit codes:
      0  done
      1  done, and something was found: damage, a difference, rows that could not be taken
      2  the command line, the mapping or the input file cannot be used; nothing was changed
      3  the data directory cannot be used: in use, missing, not writable, full, or from a newer release
      4  the log itself is damaged, or failed while it was read or written

## What stands for a value; the id is the name that clap knows it by

placeholder-command = COMMAND
placeholder-dir = DIR
placeholder-file = FILE
placeholder-lane = LANE
placeholder-lang = LANG
placeholder-n = N
placeholder-name = NAME
placeholder-name-or-path = NAME|PATH
placeholder-options = [OPTIONS]
placeholder-position = POSITION
placeholder-position-or-time = POSITION|TIME
placeholder-report = REPORT
placeholder-ticket = TICKET
placeholder-time = TIME
placeholder-what = WHAT

## What each command and argument is for: help-COMMAND, help-COMMAND-ARGUMENT, help-COMMAND-ARGUMENT-VALUE. "any" is
## every command, and "more" is what only --help tells.

help-docket-replay = Takes logs into Docket, shows what is in one, and checks that it is whole
help-docket-replay-more = Commands that only read (all but import, restore and rebuild without --check) work while a server runs on the same data; import goes through that server.
help-help = Print this message or the help of the given subcommand(s)
help-any-help = Print help
help-any-version = Print version
help-any-data = The data directory
help-any-json = Print one JSON document instead of text
help-any-lang = The language of what people read [default: that of LC_ALL, LC_MESSAGES or LANG]
help-any-at = The moment: after the event at a position, or after all that had been recorded by a time such as 2026-11-21T09:30:00Z [default: the end of the log]
help-any-at-more = What an import brings is recorded when it is imported, not when it happened: see --occurred.
help-any-occurred = Take the time of --at as one at which events happened: all that had happened by then, as far as the log knows today. A later import can change the answer
help-import = Take the events of another system in, as they were
help-import-more = Importing the same file again, or after it was interrupted, appends only what is missing. Rows that cannot be taken are reported with their line and reason and kept in a report; the rest goes in.
help-import-file = The file: .csv or .jsonl, also compressed with gzip
help-import-mapping = How to read a CSV file: a built-in mapping (plain, servicenow) or the path of your own (.toml). A .jsonl file needs none
help-import-system = The name under which the cases are kept apart from those of other sources, instead of the mapping's
help-import-rejects = Where to write the rows that cannot be taken [default: import-rejects/ in the data directory]
help-import-token-file = A file with an API token, needed where a server has the directory: the import goes through it [default: what DOCKET_TOKEN says]
help-mappings = List the mappings that are built in, or print one as a start for your own
help-mappings-name = The mapping to print
help-verify = Check that every event is there, unaltered and readable
help-export = Write the log out: one JSON record a line, byte for byte what is stored
help-export-out = The file to write, compressed if its name ends in .gz; `-` is the standard output
help-export-after = Only what comes after this position
help-export-force = Replace the file if it is there
help-restore = Put an export back into an empty data directory: the same log, hash for hash
help-restore-file = The export, also compressed with gzip
help-history = Show who did what to a ticket, and when
help-history-ticket = The ticket's number; with --case, the case's identifier where it was imported from
help-history-case = TICKET is the identifier of an imported case
help-stats = Show how much is in the log, of what, and since when
help-state = Show the queue, or one ticket, as it was at any moment
help-state-ticket = The ticket's number; without it, the queue
help-state-lane = Also list the tickets of a lane: new, open, pending or resolved
help-state-limit = How many tickets to list
help-report = Print figures: metrics, sla, or those to lay beside somebody else's (reference, tickets, resolvers)
help-report-name = Which report
help-report-name-metrics = Response, resolution and hand-over times by category, priority, agent or team
help-report-name-sla = How the first-response targets stand
help-report-name-what-if = What another SLA policy would have meant
help-report-name-reference = Totals and times under the keys of reference.json, as JSON
help-report-name-tickets = A row per ticket in the columns of `expected_tickets.csv`
help-report-name-resolvers = Resolved events by actor
help-report-by = For metrics: what to group by [default: category]
help-report-by-category = Intake category: as of the resolving for resolutions, the present one otherwise
help-report-by-priority = Present priority
help-report-by-agent = Who answered or resolved; for hand-overs, whom they went to
help-report-by-team = For which team they answered or resolved; for hand-overs, the team that they went to
help-report-from = For metrics: only tickets opened from this time on
help-report-until = For metrics: only tickets opened before this time
help-report-policy = For what-if: the policy, as it would be published
help-report-schedule = For what-if: the schedule that the policy names, as it would be published
help-report-by_last_priority = For what-if: judge each ticket by its last priority
help-report-pause_for_everybody = For what-if: let clocks that pause for the customer pause for third parties too
help-report-csv = Print CSV, as tickets and resolvers do anyway unless --json is given; reference is always JSON
help-rebuild = Make read models anew from the log, or check those that are there without touching them
help-rebuild-names = The read models; without any, all of them
help-rebuild-check = Only compare what the log says with what is there; nothing is changed
help-back-up = Copy the log, as of one moment, to a new file; a server may go on writing meanwhile
help-back-up-out = The file to write; it must not exist

## What is wrong with a command line

mistake = error: { $what }
mistake-tip = tip: { $tip }
mistake-help = For more information, try '{ $option }'.
mistake-command = unrecognized subcommand '{ $name }'
mistake-no-command = '{ $program }' requires a subcommand but one was not provided
mistake-argument = unexpected argument '{ $argument }' found
mistake-missing = the following required arguments were not provided:
mistake-value = invalid value '{ $value }' for '{ $argument }'
mistake-no-value = a value is required for '{ $argument }' but none was supplied
mistake-twice = the argument '{ $argument }' cannot be used multiple times
mistake-conflict = the argument '{ $argument }' cannot be used with '{ $other }'
similar-commands =
    { $count ->
        [one] a similar subcommand exists: { $names }
       *[other] some similar subcommands exist: { $names }
    }
similar-arguments =
    { $count ->
        [one] a similar argument exists: { $names }
       *[other] some similar arguments exist: { $names }
    }
similar-values =
    { $count ->
        [one] a similar value exists: { $names }
       *[other] some similar values exist: { $names }
    }
tip-as-value = to pass '{ $value }' as a value, use '{ $usage }'
number-empty = cannot parse integer from empty string
number-digit = invalid digit found in string
number-too-large = number too large to fit in target type
no-lane = use new, open, pending or resolved
no-moment = { $text } is not a position such as 4711, or a time such as 2026-11-21T09:30:00Z
