### Todo lo que dicen las páginas, en español. Los mensajes son los de locales/en/main.ftl, que los explica.

own-name = Español

## Números, momentos y duraciones

number-decimal = ,
number-group = .
# El español no separa los millares de los números de cuatro cifras.
number-group-from = 5
month-1 = ene
month-2 = feb
month-3 = mar
month-4 = abr
month-5 = may
month-6 = jun
month-7 = jul
month-8 = ago
month-9 = sept
month-10 = oct
month-11 = nov
month-12 = dic
date-time = { $day } { $month } { $year }, { $hour }:{ $minute } UTC
span-days = { $days } d
span-hours = { $hours } h
span-minutes = { $minutes } min
span-seconds = { $seconds } s
span-two = { $large } { $small }
time-now = ahora mismo
time-ago = hace { $time }
time-ahead = dentro de { $time }
percent = { $number } %

## Lo que tiene cada página

skip-to-content = Ir al contenido
nav-tickets = Tickets
nav-support = Soporte
nav-reports = Informes
nav-language = Idioma
as-of = Estado en la posición { $position }, { $time }
behind =
    { $count ->
        [one] { $shown } evento de retraso
       *[other] { $shown } eventos de retraso
    }
behind-for = { $behind }, desde hace { $span }
signed-in-as = { $name }, { $role }
none = ninguno
nobody = sin asignar

## Palabras del dominio

lane-new = Nuevos
lane-open = Abiertos
lane-pending = Pendientes
lane-resolved = Resueltos
status-new = Nuevo
status-open = Abierto
status-pending = Pendiente
status-resolved = Resuelto
priority-urgent = Urgente
priority-high = Alta
priority-normal = Normal
priority-low = Baja
category-account = Cuenta
category-billing = Facturación
category-technical = Técnico
category-content = Contenido
category-other = Otros
team-support = Soporte
team-account = Cuentas
team-billing = Facturación
team-technical = Equipo técnico
team-content = Contenido
reason-needs-expertise = Requiere un especialista
reason-needs-permission = Requiere una autorización
reason-customer-request = Lo pide el cliente
reason-deadline-at-risk = El plazo está en riesgo
reason-complaint = Queja
reason-other = Otro motivo
resolution-solved = Solucionado
resolution-workaround = Solución provisional
resolution-answered = Pregunta respondida
resolution-not-reproducible = No se reproduce
resolution-declined = Rechazado
resolution-duplicate = Duplicado
resolution-spam = Spam
pending-customer = a la espera del cliente
pending-third-party = a la espera de un tercero
pending-snoozed = pospuesto
role-customer = cliente
role-agent = agente
role-supervisor = supervisor
role-auditor = auditor
role-analyst = analista
role-admin = administrador
role-system = Docket
role-unknown = la importación no lo dice
channel-api = API
channel-portal = Portal de clientes
channel-web = Páginas de agentes
channel-phone = Teléfono
channel-email = Correo electrónico
channel-import = Importación
language-en = Inglés
language-es = Español
policy-default = Predeterminada

## El plazo de la primera respuesta

badge-late = { $time } de retraso
badge-soon = vence pronto, { $time }
badge-due = vence en { $time }
badge-met = respondido en { $time }
badge-missed = respondido { $time } tarde
badge-resolved = cerrado sin respuesta
badge-resolved-late = cerrado { $time } tarde
badge-merged = fusionado antes de una respuesta
badge-none = sin plazo
badge-due-at = Vence el { $time }
badge-was-due-at = Vencía el { $time }

## Cola

queue-tickets =
    { $count ->
        [one] { $shown } ticket
       *[other] { $shown } tickets
    }
queue-late =
    { $count ->
        [one] { $shown } vencido
       *[other] { $shown } vencidos
    }
column-number = N.º
column-subject = Asunto
column-requester = Solicitante
column-priority = Prioridad
column-assignee = Agente
column-waiting = Espera
column-resolved = Resuelto
column-first-response = Primera respuesta
badge-escalated = escalado
badge-escalated-from = escalado por { $team }
badge-returned = devuelto por { $who }
badge-merged-away = fusionado
badge-sealed = sellado
badge-reopened = reabierto
badge-stale = apartado
queue-not-waiting = nadie
no-subject = (sin asunto)
queue-next = { $count } siguientes
queue-first = Volver a la primera página
empty-new = Nada nuevo. Todo lo que ha llegado está ya en manos de alguien.
empty-open = No hay nada en curso.
empty-pending = Nada depende de una respuesta de fuera.
empty-resolved = Todavía no se ha resuelto nada.
empty-page = No hay nada más en esta lista.
empty-all = Todavía no hay tickets. Inicia el servidor con --sample-tickets para echar un vistazo, importa un registro con docket-replay import o abre un ticket con POST /api/v1/tickets.
empty-go-new = Tomar un ticket nuevo
empty-go-open = Seguir con un ticket abierto

## Ticket

ticket-conversation = Conversación
ticket-about = Acerca de este ticket
ticket-handed-over = Escalado: { $reason }
ticket-read-context = Leer lo que debe saber quien lo recibe
ticket-stale = Un evento de este ticket no se puede leer y el ticket se apartó: todo lo que sigue es su último estado conocido. Pide a un operador que mire la página de estado.
ticket-sealed = Este ticket está sellado y no admite más mensajes.
kind-customer = cliente
kind-reply = respuesta pública
kind-note = nota interna, solo personal
kind-closing = notas de cierre, solo personal
kind-escalation = escalamiento, solo personal
kind-returned = Escalado devuelto
kind-written-down = anotado por { $who }
message-new = nuevo
text-missing = No hay texto en el registro.
thread-more = Hay más eventos. Mostrar los siguientes
thread-beginning = Volver al principio
step-opened = { $who } abrió el ticket
step-taken = { $who } tomó el ticket
step-assigned = { $who } lo asignó a { $to }
step-reassigned = { $who } lo reasignó de { $from } a { $to }
step-returned = { $who } lo devolvió a la cola
step-unassigned = { $who } se lo quitó a { $from } y lo devolvió a la cola
step-team = { $who } lo pasó al equipo { $to }
step-team-none = { $who } lo sacó de la cola de su equipo
step-priority = { $who } puso la prioridad en { $to }
step-priority-changed = { $who } cambió la prioridad de { $from } a { $to }
step-category = { $who } puso la categoría en { $to }
step-category-changed = { $who } cambió la categoría de { $from } a { $to }
step-pending = { $who } lo dejó pendiente: { $reason }
step-open = { $who } lo retomó
step-escalated = { $who } lo escaló a { $to }: { $reason }
step-resolved = { $who } lo resolvió: { $resolution }
step-resolved-plain = { $who } lo resolvió
step-reopened = { $who } lo reabrió, ciclo { $cycle }
step-sealed = { $who } lo selló: no admite más mensajes
step-source = La fuente de la importación dice: { $what }
step-source-change = La fuente de la importación dice: { $what }, de { $from } a { $to }
step-routed = El enrutamiento se lo dio a { $to }
step-waiting = El enrutamiento no encontró a nadie: { $reason }
step-offered = { $who } lo devolvió al enrutamiento
step-template = { $who } escribió con la plantilla { $template }
step-tagged = { $who } puso las etiquetas { $tags }
step-untagged = { $who } quitó las etiquetas { $tags }
step-retagged = { $who } puso las etiquetas { $added } y quitó { $removed }
step-field = { $who } cambió el campo { $field }
step-followed = { $who } lo sigue
step-unfollowed = { $who } dejó de seguirlo
step-linked = { $who } lo enlazó con el #{ $ticket }
step-unlinked = { $who } quitó el enlace con el #{ $ticket }
step-snoozed = { $who } lo pospuso hasta { $until }
step-woken = Ha vuelto: terminó el tiempo por el que se pospuso
step-merged = { $who } lo fusionó con el #{ $ticket }
step-unmerged = { $who } lo separó del #{ $ticket }
step-absorbed = { $who } fusionó el #{ $ticket } con este
step-parted = { $who } separó el #{ $ticket } de este
step-acknowledged = { $who } acusó recibo del escalado
step-sent-back = { $who } lo devolvió a { $to }
step-confirmed = { $who } confirmó la solución
step-confirmed-by-time = La solución se da por confirmada: nadie la objetó a tiempo
step-rated-good = { $who } lo valoró como bueno
step-rated-bad = { $who } lo valoró como malo
step-attached = { $who } adjuntó un archivo
step-warned = Se acercó el plazo de la primera respuesta, { $due }
step-breached = Se incumplió el plazo de la primera respuesta: vencía el { $due }
step-other = { $who }: { $event }
history-title = Historia
history-events =
    { $count ->
        [one] { $shown } evento
       *[other] { $shown } eventos
    }
history-show = Mostrar todos
history-hide = Ocultar
column-position = Posición
column-version = Versión
column-event = Evento
column-recorded = Registrado
column-happened = Ocurrido
column-actor = Quién
history-imported = importado

## Formularios de un ticket

compose-legend = Escribir
compose-reply = Respuesta pública
compose-note = Nota interna
compose-customer = El cliente dijo
label-reply = Tu respuesta
label-note = Tu nota
label-customer = Lo que dijo el cliente
audience-reply = { $name } lo leerá.
audience-note = Solo el personal puede leerla.
audience-customer = Se añade como mensaje de { $name }.
button-send = Enviar
button-send-pending = Enviar y dejar pendiente
button-note = Añadir nota
button-customer = Añadir mensaje
actions-title = Acciones
properties-change = Cambiar
properties-change-all = Cambiar prioridad, categoría o equipo
action-take = Tomar
action-assign = Asignar
action-unassign = Devolver a la cola
action-set-pending = Dejar pendiente
action-set-open = Retomar
action-escalate = Escalar
action-resolve = Resolver
action-reopen = Reabrir
action-acknowledge = Acusar recibo
action-return = Devolver el escalado
action-snooze = Posponer
action-sort = Etiquetas, campos, enlaces, seguimiento
action-follow = Seguir
action-unfollow = Dejar de seguir
action-tag = Cambiar etiquetas
action-set-field = Poner el campo
action-link = Enlazar
action-unlink = Quitar el enlace
action-merge = Fusionar con otro ticket
action-unmerge = Separar
merge-hint = Pasa a formar parte de otro ticket del mismo cliente. Se puede deshacer.
unmerge-hint = El ticket vuelve a ser independiente, como estaba antes.
field-snooze = Durante cuánto tiempo
field-tags-add = Etiquetas que poner
field-tags-remove = Etiquetas que quitar
field-field = Nombre del campo
field-value = Valor; vacío para borrarlo
field-ticket = Número del ticket
snooze-1 = 1 hora
snooze-4 = 4 horas
snooze-24 = 1 día
snooze-168 = 1 semana
action-confirm = El cliente confirmó
action-refuse = El cliente lo rechazó
action-seal = Sellar
action-change-team = Cambiar de equipo
action-change-priority = Cambiar la prioridad
action-change-category = Cambiar la categoría
field-assign-to = Asignar a
field-pending-reason = A la espera de
field-reason = Motivo
field-team = Equipo
field-or-supervisor = o un supervisor, por su nombre
field-context = Lo que debe saber quien lo recibe
field-resolution = Resolución
field-notes = Notas de cierre, solo para el personal
field-confirmation = Pedir confirmación al cliente
field-survey = Enviar una encuesta
field-priority = Prioridad
field-category = Categoría
field-choose = Elige…
resolve-unassigned = Nadie lo tiene asignado. Toma antes el ticket, salvo que sea spam o un duplicado.
seal-hint = Un ticket sellado no admite más mensajes. No se puede deshacer.
done-take = El ticket es tuyo.
done-acknowledge = Acuse de recibo hecho.
done-return = Devuelto.
done-snooze = Pospuesto.
done-tag = Se cambiaron las etiquetas.
done-set-field = Se cambió el campo.
done-follow = Sigues el ticket.
done-unfollow = Ya no sigues el ticket.
done-link = Enlazado.
done-unlink = Se quitó el enlace.
done-merge = Fusionado.
done-unmerge = El ticket vuelve a ser independiente.
done-assign = Asignado.
done-unassign = Devuelto a la cola.
done-reply = Tu respuesta está enviada.
done-note = Tu nota está añadida.
done-customer-reply = El mensaje del cliente está añadido.
done-set-pending = Ha quedado pendiente.
done-set-open = Retomado.
done-escalate = Escalado.
done-resolve = Resuelto.
done-reopen = Reabierto.
done-confirm = Anotado como confirmado.
done-refuse = Anotado, y el ticket vuelve a estar abierto.
done-seal = Sellado.
done-change-team = Se ha cambiado el equipo.
done-change-priority = Se ha cambiado la prioridad.
done-change-category = Se ha cambiado la categoría.
refused-title = Esto no se ha hecho
moved-title = La conversación ha cambiado mientras escribías
moved-text =
    { $count ->
        [one] Hay { $shown } mensaje nuevo, señalado abajo. Léelo y vuelve a enviar: lo que escribiste sigue aquí.
       *[other] Hay { $shown } mensajes nuevos, señalados abajo. Léelos y vuelve a enviar: lo que escribiste sigue aquí.
    }
moved-show = Mostrar lo nuevo
kept-title = Lo que escribiste
form-blank = Escribe algo primero.
form-too-long = El texto es demasiado largo: { $is } bytes, como máximo { $max }.
form-nul = El texto contiene el carácter U+0000, que no se admite.
form-choice = Elige una de las opciones.
form-name = Da el nombre de una persona, de 128 bytes como máximo y sin caracteres de control.
form-destination = Elige o un equipo o un supervisor.
form-tag = Las etiquetas se componen de a-z, 0-9 y guiones.
form-ticket = Eso no es el número de un ticket.
form-key = Esta página es demasiado antigua. Vuelve a enviar.
form-sent-before = Este formulario ya se envió con otras palabras, y esas quedaron registradas. Mira la conversación antes de volver a enviar.

## Plazos

clock-title = Plazos
clock-first-response = Primera respuesta
clock-why = ¿Por qué?
clock-policy = Política { $policy }, versión { $version }: primera respuesta en { $target } con prioridad { $priority }, en tiempo natural y sin pausas.
clock-started = Empezó a contar
clock-due = Vence
clock-soon = Cuenta como próximo desde
clock-missed = Incumplido
clock-answered = Respondido
clock-closed = Cerrado sin respuesta
clock-merged = Fusionado con otro ticket
clock-elapsed = Tiempo transcurrido
clock-took = Tiempo empleado
clock-intervals = Plazos que se aplicaron
clock-running = en curso

## Propiedades

properties-title = Propiedades
property-requester = Solicitante
property-language = Idioma
property-channel = Canal
property-status = Estado
property-pending = Motivo
property-priority = Prioridad
property-category = Categoría
property-team = Equipo
property-assignee = Agente
property-resolution = Resolución
property-opened = Abierto
property-updated = Último cambio
property-resolved = Resuelto
property-waiting = Enrutamiento
property-snoozed = Pospuesto hasta
property-merged-into = Fusionado con
property-merged = Fusionados
property-links = Enlaces
property-tags = Etiquetas
property-followers = Seguidores
property-fields = Campos
property-cycle = Ciclo
property-version = Versión

## Informes

report-title = Informes
report-by = Agrupar por
report-by-category = Categoría
report-by-priority = Prioridad
report-by-agent = Agente
report-from = Abiertos desde el
report-until = hasta el
report-show = Mostrar
report-zone = Días en UTC, ambos incluidos.
report-within-reach = Cuentan los de tus equipos, los que no tienen equipo y los tuyos.
report-tickets =
    { $count ->
        [one] { $shown } ticket abierto en este tiempo
       *[other] { $shown } tickets abiertos en este tiempo
    }
report-empty = No se abrió ningún ticket en este tiempo. Elige otros días.
measure-first-response = Primera respuesta
measure-first-response-says = Desde la apertura hasta la primera respuesta pública del personal.
measure-first-resolution = Primera resolución
measure-first-resolution-says = Desde la apertura hasta la primera vez que se resolvió.
measure-full-resolution = Resolución completa
measure-full-resolution-says = Desde la apertura hasta la resolución vigente.
measure-outcome = Todavía abiertos y reabiertos
measure-outcome-says = Una reapertura cuenta para quien resolvió el ticket por primera vez.
column-tickets = Tickets
column-mean = Media
column-median = Mediana
column-p90 = 90 % en
column-p95 = 95 % en
column-still-open = Todavía abiertos
column-reopened-tickets = Tickets reabiertos
column-reopenings = Reaperturas
group-all = Todos
group-none = (ninguno)
attainment-title = Plazos de la primera respuesta
attainment-says = Todos los tickets, sea cual sea la elección de arriba.
attainment-met = Respondidos a tiempo
attainment-missed = Respondidos tarde
attainment-fulfilled = Cerrados sin respuesta, a tiempo
attainment-resolved-late = Cerrados sin respuesta, tarde
attainment-cancelled = Fusionados antes de una respuesta
attainment-running = En curso
attainment-rate = Respondidos a tiempo, de todos los respondidos
report-definition = Definiciones, versión { $version }. Los tiempos son exactos al segundo; señala uno para ver sus segundos.
exact-seconds = { $seconds } s

## Páginas que dicen que no

error-title = Esto no se puede mostrar
error-ticket = No hay ningún ticket { $number }
error-ticket-hint = Puede que el número tenga una errata. Los tickets se numeran desde el 1 en el orden en que se abrieron.
error-back = Ir a la cola
error-back-reports = Ir a los informes
error-again = Volver a intentarlo
problem-not-found = No hay nada en esta dirección.
problem-method-not-allowed = Esta dirección no sirve para eso.
problem-malformed = La petición llegó cortada o está mal formada.
problem-invalid = Algo de lo enviado no se admite.
problem-body-too-large = Lo enviado es demasiado grande.
problem-media-type = Lo enviado no es de un tipo que aquí se admita.
problem-foreign-site = La petición viene de otro sitio, o va dirigida a otra máquina.
problem-internal = El servidor no ha podido responder. Mira qué ha resultado antes de volver a intentarlo.
problem-history-damaged = El historial guardado no se puede leer. No se ha cambiado nada; pide a un operador que compruebe el registro.
problem-behind = Esta vista todavía no ha alcanzado al registro. Vuelve a intentarlo dentro de un momento.
problem-building = Esta vista se está construyendo a partir del registro. Vuelve a intentarlo dentro de un momento.
problem-read-model-unavailable = Esta vista no se puede leer ahora. Vuelve a intentarlo dentro de un momento.
problem-log-unavailable = El registro no se puede leer ahora. Vuelve a intentarlo dentro de un momento.
problem-log-closed = El registro no admite órdenes ahora. Vuelve a intentarlo más tarde.
problem-busy = Hay demasiadas órdenes en espera. Vuelve a intentarlo dentro de un momento.
problem-storage-full = El disco está lleno. No se ha registrado nada; vuelve a intentarlo cuando un operador haya hecho sitio.
problem-outcome-unknown = No se sabe si esto quedó registrado. Mira qué ha resultado antes de volver a enviarlo.
problem-shutting-down = El servidor se está deteniendo. Vuelve a intentarlo más tarde.
problem-too-many-streams = Hay demasiados flujos de eventos abiertos. Vuelve a intentarlo más tarde.
problem-too-many-own-streams = Tienes demasiados flujos de eventos abiertos. Cierra alguno primero.
problem-access-changed = Lo que puedes ver cambió mientras esperabas. Pide de nuevo.
problem-too-many-bodies = Se están recibiendo demasiadas peticiones grandes. Vuelve a intentarlo dentro de un momento.
problem-position-ahead = El registro no ha llegado a esa posición. Lee de nuevo desde el principio.
problem-filter-not-understood = No se entiende un operador del filtro.
problem-view-shared = Esta vista es compartida. La cambia quien supervisa o administra.
problem-view-not-found = No existe esa vista.
problem-too-many-views = Ya tienes 50 vistas. Quita una primero.
problem-too-many-shared-views = Ya hay 50 vistas compartidas. Quita una primero.
problem-not-searchable = No hay ninguna palabra que buscar, o es demasiado corta.
problem-cursor-not-valid = Este cursor no es válido. Empieza sin cursor.
problem-cursor-of-another-query = Este cursor es de otra lista. Empieza sin cursor.
problem-member-not-found = No hay nadie así en el personal.
problem-member-already-there = Alguien ya tiene este identificador. Elige otro.
problem-member-inactive = Esta persona ya no trabaja aquí. Reactívala primero.
problem-last-admin = Es la última persona que administra. Nombra antes a otra.
problem-role-not-of-staff = No es una función del personal.
problem-too-many-teams = Cada persona pertenece como mucho a 64 equipos.
problem-too-many-members = Ya hay tantas personas como puede haber.
problem-member-takes-no-tickets = La función de esta persona no atiende tickets.
problem-too-many-skills = Cada persona tiene como mucho 64 competencias.
problem-capacity-out-of-range = La capacidad va de 0 a 1000 puntos, y cada peso, de 1 a 1000.
problem-customer-not-found = No existe ese cliente o esa cuenta.
problem-customer-has-password = Ya eligió una contraseña. Una persona que administra puede invitarle a elegir otra.
problem-identifier-taken = Este identificador ya está en uso. Elige otro, o cambia lo que designa.
problem-unknown-account = No existe esa cuenta. Añádela primero.
problem-unknown-contact = La persona de contacto no figura entre los clientes. Añádela primero.
problem-too-many-fields = Puede haber como mucho 50 campos propios.
problem-unknown-escalation-reason = No existe ese motivo de escalado.
problem-unknown-resolution = No existe esa categoría de resolución.
problem-setting-not-found = No hay tal entrada en este catálogo.
problem-effective-date-past = La fecha de entrada en vigor ya ha pasado. Lo que fue no cambia; elige una posterior.
problem-setting-needed = Esto siempre hace falta. Publica otra versión en su lugar.
problem-setting-in-use = Otro ajuste lo necesita. Cambia antes ese.
problem-too-many-settings = Ya hay tantas entradas como puede haber.
problem-too-many-changes = Este catálogo ya se ha cambiado tantas veces como se puede.
problem-template-too-long = La plantilla supera los 8 KiB en un idioma.
problem-unknown-variable = La plantilla pide una variable que no existe.
problem-unbalanced-braces = Las llaves de la plantilla no cuadran.
problem-too-many-rules = Hay más reglas, o más valores en ellas, de los que admite una lista.
problem-empty-condition = Una regla tiene una condición que nada cumple.
problem-shadowed-rule = Nunca se llega a una de las reglas. Súbela o quítala.
problem-unknown-team = No existe ese equipo.
problem-unknown-category = No existe esa categoría.
problem-unknown-schedule = No existe ese horario.
problem-target-out-of-range = Un objetivo debe durar entre un segundo y diez años.
problem-warning-out-of-range = El aviso debe empezar antes de que venza el objetivo.
problem-days-out-of-range = Una espera debe durar entre un día y un año.
problem-sealed-before-confirmed = Un ticket no debe sellarse antes de confirmarse por sí solo.
problem-unknown-zone = No existe esa zona horaria.
problem-other-tzdata = Esta versión conoce otras reglas de zonas horarias. No las indiques.
problem-never-open = El horario no abre nunca. Añade un turno.
problem-shift-out-of-range = Un turno debe cerrar después de abrir, en el plazo de un día.
problem-overlapping-shifts = Dos turnos se solapan. Haz que uno termine donde empieza el otro.
problem-holiday-twice = Un festivo aparece dos veces. Quita uno.
problem-schedule-too-long = El horario tiene más turnos o festivos de los que puede tener.
problem-conflict = Esto ha cambiado entretanto. Vuelve a intentarlo.
problem-idempotency-key-reused = Antes se envió otra cosa con la misma clave. Mira qué resultó de ella antes de enviar esto.
problem-precondition-required = La petición no dice qué versión del ticket se ha leído.
problem-request-in-flight = Ya se está realizando una petición con esta clave.
problem-answered-before = Esto ya se hizo, y su respuesta no se guarda.
problem-key-interrupted = Esto se empezó, y no se sabe cómo terminó.
problem-answers-unavailable = Esto no se puede recordar ahora, y no se ha hecho. Vuelve a intentarlo más tarde.
problem-version-ahead = El ticket nunca ha estado en esa versión. Míralo otra vez antes de enviar.
problem-head-too-large = La dirección o los campos de la petición son demasiado largos.
problem-too-slow = Lo enviado no llegó a tiempo. Envíalo otra vez.
problem-held = Una versión más nueva escribió en el registro. Hace falta que un operador use esa versión.
problem-thread-moved = La conversación ha cambiado mientras escribías.
problem-ticket-not-found = No existe ese ticket.
problem-ticket-already-opened = El ticket ya está abierto.
problem-ticket-resolved = El ticket está resuelto. Reábrelo primero.
problem-ticket-not-resolved = El ticket no está resuelto.
problem-ticket-already-resolved = El ticket ya está resuelto de otra manera. Reábrelo para resolverlo de forma distinta.
problem-ticket-sealed = El ticket está sellado y no admite más mensajes. Abre otro que le dé continuidad.
problem-ticket-without-assignee = Nadie lo tiene asignado. Asigna el ticket antes de resolverlo.
problem-ticket-not-started = El ticket es nuevo. Tómalo o respóndelo para abrirlo.
problem-role-not-allowed = Tu función no permite esto.
problem-ticket-of-somebody-else = El ticket es de otra persona. Pide a un supervisor que lo reasigne.
problem-ticket-not-escalated = El ticket no está escalado.
problem-ticket-has-too-many = El ticket ya tiene todos los que puede tener. Quita alguno primero.
problem-ticket-merged = El ticket está fusionado con otro. Trabaja en ese, o sepáralo primero.
problem-ticket-not-merged = El ticket no está fusionado con otro.
problem-merged-into-itself = Un ticket no se puede fusionar consigo mismo. Indica otro.
problem-merged-in-a-circle = El otro ticket está fusionado con este. Sepáralo primero.
problem-merge-target-merged = El otro ticket está fusionado con un tercero. Fusiónalo con ese.
problem-merge-target-sealed = El otro ticket está sellado. Fusiónalos al revés.
problem-merge-source-has-merged = Hay otros tickets fusionados con este. Sepáralos primero, o fusiónalos al revés.
problem-merge-of-another-customer = El otro ticket es de otro cliente. Solo se fusionan tickets del mismo cliente.
problem-linked-to-itself = Un ticket no se puede enlazar consigo mismo. Indica otro.
problem-unknown-assignee = Nadie que trabaje tickets se llama así. Elige a alguien del personal que esté activo.
problem-unknown-supervisor = Nadie que reciba escalados se llama así. Elige uno de los destinos del ticket.
problem-team-without-members = El equipo no tiene a nadie que trabaje tickets. Elige uno de los destinos del ticket.
problem-snooze-out-of-range = Elige un momento futuro, como máximo dentro de 366 días.
problem-other-ticket-not-found = No existe ese otro ticket.
problem-escalation-to-itself = El ticket ya está ahí. Elige otro equipo u otro supervisor.
problem-confirmation-not-asked = A nadie se le pidió confirmar esto.
problem-rating-not-asked = Nadie pidió una valoración de esto.
problem-already-rated = Esto ya se valoró, y una valoración queda como se dio.
problem-cycle-over = Desde entonces se ha vuelto a trabajar en el ticket. Podrá valorarse cuando se termine.
problem-import-running = Ya hay otra importación en curso. Envía esta de nuevo cuando haya terminado.
problem-rebuild-running = Ya se está reconstruyendo esta vista.
problem-rebuild-failed = La reconstrucción ha fallado. Se sigue sirviendo lo que había.
problem-nothing-to-roll-back = No hay ningún estado anterior al que volver.

## Iniciar sesión

sign-in-title = Iniciar sesión
sign-in-id = Nombre de usuario
sign-in-password = Contraseña
sign-in-enter = Entrar
sign-in-nobody = Aquí todavía no trabaja nadie. Detén el servidor, crea la primera cuenta de administración con esta orden y vuelve a iniciarlo:
sign-in-invited = ¿Te han dado un código?
sign-in-invited-link = Elige tu contraseña
sign-out = Cerrar sesión
welcome-title = Elige tu contraseña
welcome-text = El código sirve una sola vez. Quien te lo dio no llega a conocer tu contraseña.
welcome-code = Código
welcome-password = Contraseña nueva
welcome-hint = Al menos 12 caracteres. Varias palabras se recuerdan con facilidad.
welcome-enter = Guardar y entrar
welcome-back = Ya tengo contraseña
customer-title = Estas páginas son para quien trabaja aquí
customer-password-set = Tu contraseña ya está guardada, y tu nombre de usuario es { $name }.
customer-text = Aquí todavía no hay páginas para clientes. Quien te invitó te dirá dónde ver tus tickets y responder en ellos; allí valen tu nombre de usuario y tu contraseña.
rate-title = ¿Qué tal fue?
rate-ticket = Ticket { $number }
rate-question = ¿Qué tal atendimos esta petición?
rate-good = Bien
rate-bad = Mal
rate-comment = ¿Quieres decir algo al respecto? (opcional)
rate-send = Enviar valoración
rate-hint = Una valoración queda como se dio. Lo que escribas llega a quienes trabajan aquí.
rate-choose = Elige bien o mal.
rate-too-long = El comentario es demasiado largo. Acórtalo, por favor.
rate-was-good = Lo valoraste como bueno. Gracias.
rate-was-bad = Lo valoraste como malo. Gracias por decírnoslo.
problem-sign-in-required = Inicia sesión primero.
problem-sign-in-refused = El nombre o la contraseña no son correctos.
problem-sign-in-busy = Muchas personas están iniciando sesión. Inténtalo de nuevo en un momento.
problem-token-malformed = Esto no es un token de este servidor.
problem-token-unknown = Aquí no se conoce este token.
problem-token-expired = Este token ha caducado.
problem-token-revoked = Este token fue revocado.
problem-session-ended = Esta sesión ha terminado. Vuelve a iniciar sesión.
problem-session-moved = Esta sesión empezó en otro navegador o en otra red, por eso se ha cerrado. Vuelve a iniciar sesión.
problem-session-needed = Solo puede hacerlo quien ha iniciado sesión con contraseña.
problem-account-inactive = Esta cuenta no está activa. Consulta a la administración.
problem-link-invalid = Este enlace ya no es válido. Pide uno nuevo.
problem-scope-missing = Este token no sirve para esto.
problem-too-many-requests = Demasiadas peticiones. Espera un momento e inténtalo de nuevo.
problem-code-invalid = Este código ya no es válido. Pide uno nuevo a quien te invitó.
problem-password-weak = Esta contraseña es demasiado corta o demasiado fácil de adivinar. Usa al menos 12 caracteres, por ejemplo varias palabras.
problem-too-many-credentials = Ya hay tantos como puede haber. Revoca alguno primero.
problem-credentials-unavailable = Ahora no se puede iniciar sesión. Inténtalo más tarde.
problem-webhook-not-found = No existe ese webhook.
problem-webhook-already-there = Ese webhook ya existe.
problem-too-many-webhooks = Ya hay tantos webhooks como puede haber. Elimina uno primero.
problem-webhook-without-events = Indica al menos un evento, o * para todos.
problem-webhook-event-unknown = Los webhooks no envían ningún evento con ese nombre.
problem-webhook-event-internal = Ese evento es solo para el personal. Permite los asuntos internos en este webhook, o no lo incluyas.
problem-webhook-address-refused = Los webhooks no pueden ir a esa dirección.
problem-webhook-lost = Se perdieron la dirección y el secreto de este webhook. Elimínalo y añádelo de nuevo.
problem-webhooks-unavailable = Ahora no se pueden cambiar los webhooks. Inténtalo más tarde.

# Por qué el enrutamiento no encontró a nadie
waiting-rule = ninguna regla encaja
waiting-member = el equipo no tiene a nadie que tome tickets
waiting-permission = nadie del equipo puede tomarlo
waiting-skill = nadie del equipo tiene los conocimientos
waiting-availability = no hay nadie disponible
waiting-capacity = todos están al límite de su capacidad
