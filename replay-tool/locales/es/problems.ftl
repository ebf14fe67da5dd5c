### Lo que puede fallar y qué hacer, en español. Los mensajes son los de locales/en/problems.ftl.

## Fallos, y qué hacer

no-data-directory = no se ha indicado ningún directorio de datos
advice-data-directory = use --data DIRECTORIO, o defina DOCKET_DATA
input-refused = { $path } no sirve: { $why }
cannot-be-written = no se puede escribir { $path }: { $why }
cannot-be-used = no se puede usar { $path }: { $why }
cannot-be-read = no se puede leer { $path }: { $why }
cannot-be-opened = no se puede abrir { $path }: { $why }
server-says = el servidor en { $address } { $what }
server-refused = dice: { $why } ({ $code })
server-unreachable = no responde: { $why }
server-answer = contesta algo que esta versión no entiende; use el docket-replay de la misma versión
server-elsewhere = el servidor escucha en { $address }, no solo en esta máquina; no se ha enviado nada, porque el token podría leerse por el camino
token-form = el token debe ser una sola palabra, tal como la dio el servidor
holds-another-log = { $path } contiene un registro distinto del de { $file }
event-at-unreadable = el evento de la posición { $position } no se puede leer: { $why }
read-model-failed = no se puede hacer o leer un modelo de lectura: { $why }
pipe-closed = ya nadie lee la salida
standard-output = la salida estándar
the-runtime = el entorno de ejecución
another-process = otro proceso
with-cause = { $what }: { $cause }
advice-in-use = deténgalo, ejecute esta orden y vuelva a iniciarlo; las órdenes que solo leen no necesitan esperar
advice-token = indique con --token-file o DOCKET_TOKEN un token de la API con el permiso operate de alguien que administre, y la importación irá a través del servidor; `POST /api/v1/me/tokens` crea uno (docs/API.md)
advice-server = ejecute la orden de nuevo: lo que ya está en el registro no se añade dos veces
advice-other-directory = elija un directorio que exista o que se pueda crear, y en el que se pueda escribir
advice-empty-directory = restaure en un directorio vacío o que todavía no exista
advice-storage-full = libere espacio y ejecute la orden otra vez: sigue donde se detuvo
advice-outcome-unknown = ejecute `docket-replay verify` y después esta orden otra vez: lo que está en el registro no se añade dos veces
advice-damaged = no se ha cambiado nada; `docket-replay verify` dice más, y se puede restaurar una copia de seguridad

## Argumentos que no sirven

file-is-there = { $file } ya existe; elija otro archivo
file-is-there-force = { $file } ya existe; elija otro archivo, o use --force
no-directory = no existe el directorio { $directory }
after-the-end = --after { $after } queda más allá del final del registro, { $head }
no-ticket-number = { $given } no es un número de ticket; para el identificador de un caso importado use --case
no-ticket-in = no hay ningún ticket { $ticket } en { $directory }
no-ticket-then = no había ningún ticket { $ticket } en la posición { $position }
no-case = ningún caso importado se llama { $case }
no-position = el registro termina en la posición { $head }; no existe la posición { $position }
occurred-needs-time = --occurred necesita un instante: el evento de una posición ocurrió cuando ocurrió
csv-and-json = --csv y --json no se pueden combinar
reference-is-json = reference es JSON; no admite --csv
for-what-if-only = --policy, --schedule, --by-last-priority y --pause-for-everybody son para what-if
what-if-needs-policy = indica qué política probar: --policy ARCHIVO
what-if-file = no se puede usar: { $why }
for-metrics-only = --by, --from y --until son para metrics
no-such-read-model = no existe el modelo de lectura { $name }
unknown-read-model = no existe el modelo de lectura { $name }; los que hay son { $known }
mapping-needed = indique --mapping: plain para cualquier registro con las columnas de docs/how-to/import.md, servicenow para su registro de auditoría, o la ruta de uno propio; `docket-replay mappings` los enumera
mapping-not-needed = un archivo .jsonl no necesita --mapping; no lo indique
docket-s-own = { $file } es un archivo propio de Docket en { $directory }; elija otro archivo
rejects-other-file = { $file } ya existe y no es un informe de filas rechazadas; elija otro archivo con --rejects
rejects-same-file = --rejects debe ser un archivo distinto del que se importa

## Archivos que no se pueden importar

input-directory = es un directorio
input-archive = es un archivo zip o una hoja de cálculo; guárdelo como CSV
input-utf-16 = está en UTF-16; conviértalo: iconv -f UTF-16 -t UTF-8
input-empty = está vacío
input-export = es un registro exportado; restáurelo en un directorio de datos vacío con `docket-replay restore`
input-header = su cabecera: { $why }
input-compressed-damaged = el archivo comprimido está dañado ({ $why }); no se ha importado nada de él

## Filas que no se pueden importar

row-encoding = no es UTF-8: byte { $byte } en el lugar { $place } de la fila; convierta el archivo, por ejemplo con iconv -f WINDOWS-1252 -t UTF-8
row-cells =
    { $count ->
        [one] { $shown } celda en vez de { $expected }
       *[other] { $shown } celdas en vez de { $expected }
    }
row-open-quote = aquí se abren unas comillas que no se cierran en { $max } bytes ni en el resto del archivo
row-text-after-quote = hay texto después de unas comillas de cierre; dentro de una celda entrecomillada, las comillas se escriben dos veces
row-too-long = tiene más de { $max } bytes; en el informe solo se guarda su principio
row-cut-off = el archivo está cortado en esta fila
row-lacks = falta { $what }
row-value-too-long = { $what } tiene { $is } bytes; se admiten como máximo { $max }
row-nul = el carácter U+0000
row-seq-form = seq no es un número entero a partir de 0: { $text }
row-gap = seq { $found } donde en su caso corresponde { $expected }
row-other-content = seq { $seq } de su caso ya existe y dice otra cosa; lo que está en el registro nunca se cambia
row-waits = espera a la línea { $line }, anterior en su caso, que no se ha podido importar
row-no-event = no es un evento: { $why }
rest-form = `rest` debe ser un objeto
the-time = la fecha
the-event = el evento

## Mapeos que no sirven

mapping-unknown = no existe el mapeo { $name }; los incluidos son { $one } y { $other }; para uno propio, indique una ruta que termine en .toml
mapping-unreadable = el mapeo { $path } no se puede leer: { $why }
mapping-not-toml = el mapeo { $name } no se puede leer
mapping-key = el mapeo { $name }, clave { $key }: { $why }
mapping-columns = al archivo { $file } le falta lo que pide el mapeo { $name }: { $missing }; sus columnas son { $present }
mapping-column-once = { $column } una sola vez
mapping-delimiter-hint = ; sus celdas parecen estar separadas por { $delimiter }: use delimiter = { $delimiter }
mapping-schema = es { $found }; esta versión lee { $known }
mapping-delimiter = debe ser un carácter de ASCII, y no comillas
mapping-type-needed = falta; un registro de eventos la necesita
mapping-not-for-snapshots = no tiene sentido cuando las filas son instantáneas: los hechos salen de compararlas
mapping-not-for-events = no tiene sentido cuando una fila es un evento
mapping-snapshots-need = falta; las instantáneas la necesitan
mapping-vocabulary = no existe { $name }; el único que hay es { $known }
mapping-zone = { $zone } no es UTC ni un desfase como +02:00
mapping-strftime = { $format } no es un formato de strftime
mapping-time-format = { $format } no es rfc3339, unix ni unix_ms, ni un formato de strftime
mapping-priority = { $text } no es una prioridad; las que hay son { $known }
rule-last = la última regla debe admitirlo todo: types = ["*"] y ni `to` ni `value`; o bien vocabulary = "neutral"
rule-constant = { $key } no es una constante de este evento
rule-value-needed = falta; este evento lo necesita
rule-value-useless = no sirve para este evento
rule-labels-useless = no sirve sin `value`
rule-types-empty = está vacío, así que la regla no se aplica a nada
rule-reason = necesita un motivo, como {"{"} reason = "customer" {"}"}
rule-escalated = necesita un destino y un contexto, que ningún registro tiene; use source.recorded
rule-event = { $name } no es un evento que se pueda importar (docs/EVENTS.md los enumera)
rule-cause = la causa { $cause } no es unknown, customer_reply ni staff
rule-no-table = no existe la tabla { $table }

## Exportaciones que no se pueden restaurar, e importaciones que no cuadran con el registro

restore-wrong-line = línea { $line }: { $why }; no se ha restaurado nada
restore-file-damaged = el archivo está cortado o dañado: { $why }
restore-no-line-end = no hay fin de línea: el archivo está cortado o la línea es demasiado larga
restore-changed = el evento no está escrito como lo escribe Docket; se ha modificado
restore-stream-name = el nombre del flujo { $why }
restore-version-missing = antes falta la versión { $version } de { $stream }
restore-cut-off = el archivo está cortado: a su última orden le faltan { $events }
restore-command = a la orden que la precede le faltan eventos, o dice mal cuántos tiene
restore-dated = tiene una fecha anterior a la de la línea que la precede
imported-elsewhere = un evento importado no está en el flujo de ningún ticket
fact-out-of-order = su hecho { $seq } está donde corresponde el hecho { $expected }

## Lo que dicen las capas de abajo

holds-no-log = { $path } no contiene ningún registro de Docket; indique el directorio de un servidor, o importe antes en él
holds-other-files = { $path } contiene otros archivos y ningún registro de Docket; elija un directorio vacío o que aún no exista
in-use = { $path } está en uso por { $program } (proceso { $pid })
in-use-at = { $path } está en uso por { $program } (proceso { $pid }, escucha en { $address })
sqlite-too-old = SQLite { $found } puede dañar un registro; hace falta la 3.51.3 o una más nueva
is-no-log = { $path } no es un registro de Docket
newer-format = { $path } tiene el formato de registro { $found } y esta versión lee hasta el { $known }; use la versión más nueva
damaged-at-the-end = el registro está dañado en la posición { $position }: { $what }; restaure una copia de seguridad, no se ha cambiado nada
damaged-wal =
    { $count ->
        [one] { $path } está dañado en el byte { $offset }, y se perdería { $shown } transacción posterior; restaure una copia de seguridad, no se ha cambiado nada
       *[other] { $path } está dañado en el byte { $offset }, y se perderían { $shown } transacciones posteriores; restaure una copia de seguridad, no se ha cambiado nada
    }
read-only = no se puede escribir { $path }; dé al servidor permiso para escribirlo
held-back = otro proceso lleva mucho tiempo leyendo { $path }; termínelo y vuelva a empezar
setting-not-kept = SQLite no conserva el ajuste { $setting }
log-damaged = el registro está dañado en la posición { $position }: { $what }
log-unavailable = el registro no se puede leer: { $why }
conflict = el flujo { $stream } está en la versión { $actual }, no en la { $expected }
key-reused = la clave de idempotencia ya se usó con otro contenido, en la posición { $position }
id-reused = el identificador de evento { $id } ya está en el registro, en la posición { $position }
limit = { $what } debe ser como máximo { $max }, y es { $is }
busy = hay demasiadas órdenes en espera; vuelva a intentarlo
storage-full = el disco está lleno; se volverá a escribir cuando haya espacio
outcome-unknown = no se sabe si la orden quedó registrada; repítala con la misma clave
log-closed = el registro no admite órdenes ahora: { $why }
name-empty = no debe estar vacío
name-too-long = debe tener como máximo { $max } bytes, y tiene { $is }
name-character = no debe contener { $character }; { $allowed }
name-takes-slug = use a-z, 0-9 y -
name-takes-text = no se admiten caracteres de control
time-form = no es una fecha de la forma { $form }: { $text }
time-range = fuera de los años 1 a 9999
time-unix = 1456737600 (segundos desde 1970)
time-unix-ms = 1456737600000 (milisegundos desde 1970)
record-unreadable = el evento guardado en la posición { $position } no se puede leer
record-elsewhere = el evento guardado en la posición { $position } dice estar en la { $claimed }
unknown-type = tipo de evento desconocido { $name }; lo escribió una versión más nueva, así que use esa versión
unknown-schema = versión de esquema desconocida { $schema } de { $name }; la escribió una versión más nueva, así que use esa versión
version-missing = falta la versión { $version }
event-unreadable = los datos de { $name } no se pueden leer
other-projector = hecho por otra definición del proyector ({ $found })
file-damaged = dañado: { $what }
waits-at = espera en la posición { $position }: { $why }
rebuild-mismatch = el hash de lo escrito no es el de lo calculado
rebuild-stopped = se ha detenido
damage-record-missing = falta el evento
damage-hash = el hash del evento no es el que está guardado
damage-record-form = el evento no está guardado como bytes
damage-hash-form = el hash no está guardado como bytes
damage-column-stream = la columna stream dice otra cosa que el evento
damage-column-version = la columna version dice otra cosa que el evento
damage-column-event-id = la columna event_id dice otra cosa que el evento
damage-column-command = la columna command dice otra cosa que el evento
damage-index = lleva a él un índice que es de otro evento
damage-dated = tiene una fecha anterior a la del evento que lo precede
damage-position-missing = falta la posición { $position }
damage-file = el archivo no está íntegro: { $verdict }
damage-command = a la orden anterior le faltan { $number } eventos
damage-no-read-model = no es un modelo de lectura
damage-checkpoint = el punto de control no coincide con su suma de comprobación
damage-rows = el hash de las filas no es el que dice el punto de control
damage-counters = los contadores no cuentan las filas
