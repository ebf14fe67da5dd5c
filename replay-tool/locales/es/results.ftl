### En qué quedan las órdenes, en español. Los mensajes son los de locales/en/results.ftl.

## Cantidades, y palabras que usan varias órdenes

events =
    { $count ->
        [one] { $shown } evento
       *[other] { $shown } eventos
    }
streams =
    { $count ->
        [one] { $shown } flujo
       *[other] { $shown } flujos
    }
tickets =
    { $count ->
        [one] { $shown } ticket
       *[other] { $shown } tickets
    }
and-more = y { $number } más
at-position = posición { $position }: { $what }
none = ninguno
unassigned = sin asignar
no-subject = (sin asunto)
sealed-text = (sellado)
due = vence el { $at }

## Cuánto ha avanzado una orden

progress-left = quedan { $time }
progress-step = { $what }: { $percent } %
progress-checking = comprobando
progress-exporting = exportando
progress-folding = recorriendo el registro
progress-importing = importando
progress-reading = leyendo
progress-rebuilding = reconstruyendo
progress-restoring = restaurando
progress-verifying = verificando

## import y mappings

import-read =
    { $count ->
        [one] { $shown } fila de { $file } leída con el mapeo { $mapping }
       *[other] { $shown } filas de { $file } leídas con el mapeo { $mapping }
    }
import-appended =
    { $count ->
        [one] { $shown } evento añadido; ya estaban en el registro: { $there }
       *[other] { $shown } eventos añadidos; ya estaban en el registro: { $there }
    }
import-new-tickets =
    { $count ->
        [one] { $shown } ticket nuevo, numerado del { $first } al { $last }; el registro termina en la posición { $head }
       *[other] { $shown } tickets nuevos, numerados del { $first } al { $last }; el registro termina en la posición { $head }
    }
import-no-tickets = ningún ticket nuevo; el registro termina en la posición { $head }
import-remark = nota: { $remark }
import-rejected =
    { $count ->
        [one] no se ha podido importar { $shown } fila: con errores, { $fault }; en espera de otra, { $waiting }
       *[other] no se han podido importar { $shown } filas: con errores, { $fault }; en espera de otra, { $waiting }
    }
import-rejected-row = línea { $line }: { $reason }
import-kept = se guardan en { $report }
import-mend = corrija el archivo e impórtelo otra vez: solo se añade lo que falta
remark-cut-off = el archivo comprimido está cortado: falta lo que viene después de su última fila
remark-no-line-end = la última fila no tiene fin de línea; si el archivo se cortó ahí, importe el archivo completo
remark-state = el mapeo no tiene nombre para el estado { $label }; se ha tomado en minúsculas
purpose-plain = Cualquier registro con las columnas de events.csv.gz: una fila es un evento
purpose-servicenow = El registro de auditoría de ServiceNow: una fila es una instantánea de la incidencia después de un cambio
purpose-neutral = En qué se convierte en Docket cada tipo de un registro neutral de eventos; se usa por sí solo con líneas JSON

## verify

verify-whole = { $events } en { $streams }, { $bytes } bytes: no falta ninguno y cada uno está como se guardó
verify-readable = esta versión puede leer todos los eventos
file-missing = falta el archivo adjunto { $digest }
file-altered = el archivo adjunto { $digest } ya no es el que era
file-unreadable = no se puede leer el archivo adjunto { $digest }: { $error }
verify-stopped = el registro está dañado ahí y lo que sigue no se ha comprobado; no se ha cambiado nada
verify-restore = restaure una copia de seguridad o una exportación en otro directorio

## export, restore y back-up

export-done =
    { $count ->
        [one] { $shown } evento escrito en { $file }, hasta la posición { $head }
       *[other] { $shown } eventos escritos en { $file }, hasta la posición { $head }
    }
restore-done =
    { $count ->
        [one] { $shown } evento restaurado; el registro termina en la posición { $head }
       *[other] { $shown } eventos restaurados; el registro termina en la posición { $head }
    }
restore-went-on = ya estaban, de una restauración interrumpida: { $events }
back-up-done = { $file } contiene el registro; guarde con él el directorio keys/

## stats

stats-events = { $events } sobre { $tickets } en { $streams }
stats-origins = decididos por Docket: { $decided }; importados: { $imported }
stats-system = { $number }  de { $system }
stats-happened = ocurridos entre { $first } y { $last }
stats-recorded = registrados entre { $first } y { $last }
stats-bytes = { $records } bytes de eventos, { $file } bytes en disco

## state

queue-as-of = Estado en la posición { $position }, evaluado el { $at }
late =
    { $count ->
        [one] { $shown } vencido
       *[other] { $shown } vencidos
    }
ticket-as-of = posición { $position }, evaluado el { $at }
fact-as-of = momento
fact-lane = bandeja
fact-status = estado
fact-priority = prioridad
fact-category = categoría
fact-team = equipo
fact-assignee = agente
fact-opened = abierto
fact-changed = último cambio
fact-cycle = ciclo
fact-version = versión
fact-response = respuesta
response-missed = incumplida el { $at }
response-met = a tiempo, el { $at }
response-resolved = cerrado a tiempo sin respuesta, el { $at }
response-merged = fusionado con otro ticket el { $at }
clock-resolved = resuelto a tiempo, el { $at }
clock-paused = espera al cliente
fact-next-reply = respuesta siguiente
fact-requester-wait = espera del cliente
fact-agent-work = trabajo del agente
fact-resolution-clock = plazo de resolución

## report

what-if-as-of = Plazo, prioridad, terminados, incumplidos, segundos, en curso; hasta la posición { $position }
attainment-as-of = Primera respuesta, en la posición { $position }
answered-in-time = respondidos a tiempo
answered-late = respondidos tarde
resolved-in-time = cerrados sin respuesta, a tiempo
resolved-late = cerrados sin respuesta, tarde
cancelled = fusionados con otro ticket antes de una respuesta
still-running = en curso
metrics-as-of =
    { $count ->
        [one] { $shown } ticket, en la posición { $position }; en horas, definiciones versión { $definition }
       *[other] { $shown } tickets, en la posición { $position }; en horas, definiciones versión { $definition }
    }
column-group = grupo
column-what = medida
column-n = n
column-mean = media
column-open = abiertos
column-reopened = reaperturas
all-groups = todos
no-group = (ninguno)
first-response = primera respuesta
first-resolution = primera resolución
full-resolution = resolución completa
hand-over = traspaso
set-aside =
    { $count ->
        [one] { $shown } ticket tiene un evento que no se puede leer y queda como estaba antes: el ticket { $ticket }, en la posición { $position }: { $why }
       *[other] { $shown } tickets tienen un evento que no se puede leer y quedan como estaban antes: el primero, el ticket { $ticket }, en la posición { $position }: { $why }
    }

## rebuild

rebuild-verdict = posición { $position }, resumen { $digest }
verdict-equal = igual
verdict-differs = distinto
verdict-damaged = dañado
verdict-missing = falta
verdict-replaced = sustituido
ahead-of-log = ha llegado a la posición { $position }, que el registro no tiene

## history: lo que ocurrió

history-of-ticket = ticket { $ticket } (registro hasta la posición { $head })
history-of-case = ticket { $ticket }, { $case } en { $system } (registro hasta la posición { $head })
actor = { $who } ({ $role })
actor-of-team = { $who } ({ $role } de { $team })
source-row = , fila { $row }
source-nothing = nada
to-team = el equipo { $team }
happened-opened = abierto para { $requester }: { $subject }
happened-assigned = asignado a { $to }
happened-reassigned = reasignado de { $from } a { $to }
happened-unassigned = ya no está asignado a { $from }
happened-team = equipo { $from } -> { $to }
happened-priority = prioridad { $from } -> { $to }
happened-category = categoría { $from } -> { $to }
happened-replied = respuesta pública
happened-customer-replied = respuesta del cliente
happened-noted = nota interna
happened-pending = pendiente, a la espera de { $reason }
happened-open = retomado
happened-escalated = escalado a { $to }: { $reason }
happened-resolved = resuelto: { $resolution }
happened-reopened = reabierto, ciclo { $cycle }: { $cause }
happened-sealed = sellado
happened-routed = enrutado a { $to } según { $list } versión { $version }
happened-waiting = espera al enrutamiento, { $reason }, según { $list } versión { $version }
happened-offered = de nuevo a disposición del enrutamiento
happened-attached = se adjuntó { $digest }, { $kind }, { $bytes } bytes
happened-template = escrito con { $template } versión { $version }, { $language }
happened-tags = etiquetas puestas: { $added }; quitadas: { $removed }
happened-field = campo { $field }
happened-followed = lo sigue { $by }
happened-unfollowed = { $by } dejó de seguirlo
happened-linked = enlazado con el ticket { $ticket }
happened-unlinked = ya no está enlazado con el ticket { $ticket }
happened-snoozed = pospuesto hasta { $until }
happened-woken = ya no está pospuesto
happened-merged = fusionado con el ticket { $ticket }
happened-unmerged = separado del ticket { $ticket }
happened-absorbed = el ticket { $ticket } se fusionó con este
happened-parted = el ticket { $ticket } se separó de este
happened-forwarded = respuesta del cliente al ticket fusionado { $ticket }
happened-acknowledged = acuse de recibo del escalado
happened-sent-back = escalado devuelto al equipo { $team }, responsable { $assignee }
happened-confirmed = solución del ciclo { $cycle } confirmada por el cliente
happened-confirmed-by-time = solución del ciclo { $cycle } confirmada por el paso del tiempo
happened-refused = el cliente rechazó la solución
happened-rated = valorado como { $score } el ciclo { $cycle }, resuelto por { $resolver }
happened-rated-through = { $what } ({ $through })
through-signed-in = con la sesión iniciada
through-ticket-link = con el enlace del ticket
through-survey-link = con un enlace de encuesta
happened-source = anotado por la fuente
happened-taken = se hizo cargo del ticket { $ticket }
happened-given-up = dejó el ticket { $ticket }
happened-reweighed = cambió el peso del ticket { $ticket }
happened-warned = se acerca el plazo { $target } de { $policy } (versión { $version }); vence el { $at }
happened-breached = se incumplió el plazo { $target } de { $policy } (versión { $version }); vencía el { $at }
happened-added = se añadió a { $member } ({ $name }), { $role }, equipos: { $teams }
happened-renamed = se cambió el nombre de { $member }
happened-role = función de { $member } { $from } -> { $to }
happened-teams = equipos de { $member } { $from } -> { $to }
happened-left = { $member } dejó el personal
happened-came-back = { $member } volvió al personal
happened-skills = conocimientos de { $member } { $from } -> { $to }
happened-permissions = permisos de { $member } { $from } -> { $to }
happened-capacity = capacidad de { $member } { $from } -> { $to } puntos
happened-invited = se invitó a { $member }; el código sirve hasta { $until }
happened-token-made = se creó el token { $token } de { $member } para { $scopes }, hasta { $until }
happened-token-revoked = se revocó el token { $token } de { $member }
happened-sessions-revoked = se cerraron todas las sesiones de { $member }
happened-availability = disponibilidad { $from } -> { $to }
happened-account-added = se añadió la cuenta { $account }
happened-account-changed = se cambió la cuenta { $account }
happened-customer-added = se añadió al cliente { $customer }
happened-customer-changed = se cambiaron los datos del cliente { $customer }
happened-customer-moved = cuenta de { $customer } { $from } -> { $to }
happened-customer-invited = se invitó al cliente { $customer }; el código sirve hasta { $until }
happened-link-made = un enlace da acceso a { $customer } al ticket { $ticket } hasta { $until }
happened-survey-link-made = un enlace permite a { $customer } valorar el ticket { $ticket } hasta { $until }
happened-published = { $catalogue }: { $slug } versión { $number }, en vigor desde { $since }
happened-retired = { $catalogue }: { $slug } retirado desde { $since }
happened-view-saved = guardó una vista propia: { $filter }
happened-view-shared = guardó una vista para todos: { $filter }
happened-view-removed = quitó una vista
happened-webhook-added = los eventos { $events } van a { $origin }
happened-webhook-changed = el webhook hacia { $origin } se cambió; recibe { $events }
happened-webhook-removed = el webhook { $endpoint } se eliminó
happened-webhook-rotated = el webhook { $endpoint } recibió otro secreto
happened-webhook-paused = el webhook { $endpoint } se puso en pausa: { $reason }
happened-webhook-resumed = el webhook { $endpoint } continúa
pause-wished = lo quiso un administrador
pause-gone = el destino ya no existe
pause-failing = nada llegó durante un día
pause-dead-letters = se abandonaron demasiados eventos
cause-customer = el cliente volvió a escribir
cause-staff = el personal encontró más por hacer
cause-unknown = causa desconocida
