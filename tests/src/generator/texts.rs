//! What people write, in both languages: sentences put together until a message is as long as it shall be.

use crate::random::Random;
use docket_core::ticket::event::Language;

const SUBJECTS_EN: [&str; 10] = [
    "I cannot sign in since this morning",
    "Wrong amount on my invoice",
    "The export stops half-way",
    "How do I change my e-mail address?",
    "Course video does not play",
    "Refund for a cancelled order",
    "App closes when I open the calendar",
    "My certificate shows the wrong name",
    "Two-factor code never arrives",
    "Request for a new feature",
];

const SUBJECTS_ES: [&str; 10] = [
    "No puedo iniciar sesión desde esta mañana",
    "Importe incorrecto en mi factura",
    "La exportación se detiene a la mitad",
    "¿Cómo cambio mi dirección de correo?",
    "El vídeo del curso no se reproduce",
    "Reembolso de un pedido cancelado",
    "La aplicación se cierra al abrir el calendario",
    "Mi certificado muestra un nombre equivocado",
    "El código de verificación no llega nunca",
    "Solicitud de una función nueva",
];

const CUSTOMER_EN: [&str; 8] = [
    "Hello, I have tried this several times now and it always ends the same way.",
    "It worked fine last week and I have not changed anything since.",
    "The page says that something went wrong, and nothing else.",
    "I need this before the end of the day, please.",
    "I attach what I see on the screen.",
    "My colleague has the same problem on another computer.",
    "Could you tell me whether this is going to be fixed?",
    "Thank you, that helped, but one thing is still not right.",
];

const CUSTOMER_ES: [&str; 8] = [
    "Hola, lo he intentado ya varias veces y siempre termina igual.",
    "La semana pasada funcionaba bien y no he cambiado nada desde entonces.",
    "La página dice que algo ha salido mal, y nada más.",
    "Lo necesito antes de que acabe el día, por favor.",
    "Adjunto lo que veo en la pantalla.",
    "Mi compañera tiene el mismo problema en otro ordenador.",
    "¿Podrían decirme si esto se va a arreglar?",
    "Gracias, eso ha ayudado, pero todavía hay algo que no está bien.",
];

const STAFF_EN: [&str; 8] = [
    "Thank you for writing to us; I am looking into it.",
    "I have reset the settings on our side, so please sign out and in again.",
    "Could you tell us which browser you use and when it happened last?",
    "The amount has been corrected and you will see it within two working days.",
    "I have passed this on to the colleagues who look after that part.",
    "This is a known fault, and the correction goes out with the next release.",
    "If it happens again, just answer to this message.",
    "I am sorry for the trouble this has caused you.",
];

const STAFF_ES: [&str; 8] = [
    "Gracias por escribirnos; lo estoy revisando.",
    "He restablecido la configuración por nuestra parte; cierre la sesión y vuelva a entrar.",
    "¿Podría decirnos qué navegador usa y cuándo ocurrió por última vez?",
    "El importe ya está corregido y lo verá en un plazo de dos días hábiles.",
    "Se lo he pasado a los compañeros que se encargan de esa parte.",
    "Es un fallo conocido y la corrección sale con la próxima versión.",
    "Si vuelve a ocurrir, basta con que responda a este mensaje.",
    "Lamento las molestias que esto le ha causado.",
];

/// A subject of one line, with a reference that tells it from others.
pub(super) fn subject(random: &mut Random, language: Language) -> String {
    let subjects = match language {
        Language::En => &SUBJECTS_EN,
        Language::Es => &SUBJECTS_ES,
    };
    let subject = random.pick(subjects);
    if random.coin() { format!("{subject} (#{})", 10_000 + random.below(90_000)) } else { subject.to_owned() }
}

/// A message of about so many bytes, made of whole sentences and at least one.
pub(super) fn message(random: &mut Random, language: Language, by_staff: bool, bytes: usize) -> String {
    let sentences = match (language, by_staff) {
        (Language::En, false) => &CUSTOMER_EN,
        (Language::Es, false) => &CUSTOMER_ES,
        (Language::En, true) => &STAFF_EN,
        (Language::Es, true) => &STAFF_ES,
    };
    let mut text = String::with_capacity(bytes + 96);
    text.push_str(random.pick(sentences));
    while text.len() + 40 < bytes {
        text.push_str(if random.chance(15) { "\n\n" } else { " " });
        text.push_str(random.pick(sentences));
    }
    text
}
