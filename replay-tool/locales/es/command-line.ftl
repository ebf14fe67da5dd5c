### Lo que se puede decir a docket-replay, en español. Los mensajes son los de locales/en/command-line.ftl, que los
### explica.

## Números

number-decimal = ,
number-group = .
# El español no separa los millares de los números de cuatro cifras.
number-group-from = 5

## Lo que rodea la ayuda de cada orden

usage = Uso:
heading-commands = Órdenes
heading-arguments = Argumentos
heading-options = Opciones
values-heading = Valores posibles:
special-values = [valores posibles: { $names }]
special-commands = [órdenes: { $names }]
special-default = [por omisión: { $value }]
special-environment = [variable de entorno: { $name }={ $value }]
print-help-see-more = Muestra la ayuda (más detalles con '--help')
print-help-see-summary = Muestra la ayuda (un resumen con '-h')
exit-codes =
    Códigos de salida:
      0  hecho
      1  hecho, y se ha encontrado algo: daños, una diferencia, filas que no se han podido importar
      2  la línea de órdenes, el mapeo o el archivo de entrada no sirven; no se ha cambiado nada
      3  el directorio de datos no sirve: en uso, ausente, protegido, lleno o de una versión más nueva
      4  el propio registro está dañado, o ha fallado al leerlo o al escribirlo

## Lo que representa un valor

placeholder-command = ORDEN
placeholder-dir = DIRECTORIO
placeholder-file = ARCHIVO
placeholder-lane = BANDEJA
placeholder-lang = IDIOMA
placeholder-n = N
placeholder-name = NOMBRE
placeholder-name-or-path = NOMBRE|RUTA
placeholder-options = [OPCIONES]
placeholder-position = POSICIÓN
placeholder-position-or-time = POSICIÓN|MOMENTO
placeholder-report = INFORME
placeholder-ticket = TICKET
placeholder-time = MOMENTO
placeholder-what = CRITERIO

## Para qué sirve cada orden y cada argumento

help-docket-replay = Incorpora registros a Docket, muestra lo que contiene uno y comprueba que está íntegro
help-docket-replay-more = Las órdenes que solo leen (todas menos import, restore y rebuild sin --check) funcionan mientras un servidor usa los mismos datos; import va a través de ese servidor.
help-help = Muestra este mensaje o la ayuda de la orden indicada
help-any-help = Muestra la ayuda
help-any-version = Muestra la versión
help-any-data = El directorio de datos
help-any-json = Escribe un único documento JSON en vez de texto
help-any-lang = El idioma de lo que leen las personas [por omisión: el de LC_ALL, LC_MESSAGES o LANG]
help-any-at = El momento: después del evento de una posición, o después de todo lo registrado hasta un instante como 2026-11-21T09:30:00Z [por omisión: el final del registro]
help-any-at-more = Lo que trae una importación se registra cuando se importa, no cuando ocurrió: consulte --occurred.
help-any-occurred = Toma el instante de --at como aquel en que ocurrieron los eventos: todo lo que había ocurrido hasta entonces, según lo que sabe hoy el registro. Una importación posterior puede cambiar la respuesta
help-import = Incorpora los eventos de otro sistema, tal como fueron
help-import-more = Importar otra vez el mismo archivo, o después de una interrupción, añade solo lo que falta. Las filas que no se pueden importar se muestran con su línea y su motivo y se guardan en un informe; las demás entran.
help-import-file = El archivo: .csv o .jsonl, también comprimido con gzip
help-import-mapping = Cómo leer un archivo CSV: un mapeo incluido (plain, servicenow) o la ruta de uno propio (.toml). Un archivo .jsonl no lo necesita
help-import-system = El nombre que distingue los casos de los de otras fuentes, en vez del que da el mapeo
help-import-rejects = Dónde escribir las filas que no se pueden importar [por omisión: import-rejects/ en el directorio de datos]
help-import-token-file = Un archivo con un token de la API, necesario cuando un servidor tiene el directorio: la importación va a través de él [por omisión: lo que diga DOCKET_TOKEN]
help-mappings = Enumera los mapeos incluidos, o muestra uno como punto de partida para uno propio
help-mappings-name = El mapeo que se muestra
help-verify = Comprueba que todos los eventos están, sin alterar y legibles
help-export = Exporta el registro: un evento en JSON por línea, byte a byte lo que está guardado
help-export-out = El archivo de destino, comprimido si su nombre termina en .gz; `-` es la salida estándar
help-export-after = Solo lo que viene después de esta posición
help-export-force = Sustituye el archivo si ya existe
help-restore = Restaura una exportación en un directorio de datos vacío: el mismo registro, hash por hash
help-restore-file = La exportación, también comprimida con gzip
help-history = Muestra quién hizo qué en un ticket, y cuándo
help-history-ticket = El número del ticket; con --case, el identificador del caso en el sistema del que se importó
help-history-case = TICKET es el identificador de un caso importado
help-stats = Muestra cuánto hay en el registro, de qué y desde cuándo
help-state = Muestra la cola, o un ticket, como estaba en cualquier momento
help-state-ticket = El número del ticket; sin él, la cola
help-state-lane = Enumera además los tickets de una bandeja: new, open, pending o resolved
help-state-limit = Cuántos tickets se enumeran
help-report = Muestra cifras: metrics, sla, o las que se comparan con las de otros (reference, tickets, resolvers)
help-report-name = Qué informe
help-report-name-metrics = Tiempos de respuesta, de resolución y de traspaso por categoría, prioridad, agente o equipo
help-report-name-sla = Cómo van los plazos de la primera respuesta
help-report-name-what-if = Qué habría supuesto otra política de SLA
help-report-name-reference = Totales y tiempos con las claves de reference.json, en JSON
help-report-name-tickets = Una fila por ticket con las columnas de `expected_tickets.csv`
help-report-name-resolvers = Eventos de resolución por persona
help-report-by = Para metrics: por qué se agrupa [por omisión: category]
help-report-by-category = Categoría de entrada: para las resoluciones, la que había al resolver; si no, la actual
help-report-by-priority = Prioridad actual
help-report-by-agent = Quién respondió o resolvió; en los traspasos, quién los recibió
help-report-by-team = Para qué equipo respondió o resolvió; en los traspasos, el equipo que los recibió
help-report-from = Para metrics: solo los tickets abiertos desde este instante
help-report-until = Para metrics: solo los tickets abiertos antes de este instante
help-report-policy = Para what-if: la política, tal como se publicaría
help-report-schedule = Para what-if: el horario que nombra la política, tal como se publicaría
help-report-by_last_priority = Para what-if: juzgar cada ticket por su última prioridad
help-report-pause_for_everybody = Para what-if: que los relojes que se detienen por el cliente se detengan también por terceros
help-report-csv = Escribe CSV, como ya hacen tickets y resolvers salvo con --json; reference es siempre JSON
help-rebuild = Reconstruye los modelos de lectura a partir del registro, o comprueba los que hay sin tocarlos
help-rebuild-names = Los modelos de lectura; si no se indica ninguno, todos
help-rebuild-check = Solo compara lo que dice el registro con lo que hay; no se cambia nada
help-back-up = Copia el registro, tal como está en un momento, a un archivo nuevo; un servidor puede seguir escribiendo
help-back-up-out = El archivo de destino; no debe existir

## Lo que está mal en una línea de órdenes

mistake = error: { $what }
mistake-tip = sugerencia: { $tip }
mistake-help = Para más información, use '{ $option }'.
mistake-command = no existe la orden '{ $name }'
mistake-no-command = '{ $program }' necesita una orden y no se ha indicado ninguna
mistake-argument = no se esperaba el argumento '{ $argument }'
mistake-missing = faltan estos argumentos obligatorios:
mistake-value = el valor '{ $value }' no es válido para '{ $argument }'
mistake-no-value = '{ $argument }' requiere un valor y no se ha indicado ninguno
mistake-twice = el argumento '{ $argument }' no se puede repetir
mistake-conflict = el argumento '{ $argument }' no se puede combinar con '{ $other }'
similar-commands =
    { $count ->
        [one] existe una orden parecida: { $names }
       *[other] existen órdenes parecidas: { $names }
    }
similar-arguments =
    { $count ->
        [one] existe un argumento parecido: { $names }
       *[other] existen argumentos parecidos: { $names }
    }
similar-values =
    { $count ->
        [one] existe un valor parecido: { $names }
       *[other] existen valores parecidos: { $names }
    }
tip-as-value = para pasar '{ $value }' como valor, use '{ $usage }'
number-empty = falta el número
number-digit = no es un número entero sin signo
number-too-large = el número es demasiado grande
no-lane = use new, open, pending o resolved
no-moment = { $text } no es una posición como 4711 ni un instante como 2026-11-21T09:30:00Z
