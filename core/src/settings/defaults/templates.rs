//! The replies that Docket ships with: the four of the guide, in both languages.

use super::{label, slug};
use crate::names::Slug;
use crate::settings::template::Template;
use crate::settings::words::Both;
use crate::text::Body;

/// "Response Templates" in the guide, in its order.
pub(in crate::settings) fn all() -> Vec<(Slug, Template)> {
    vec![
        of(
            "password-reset",
            ("Password Reset", "Restablecimiento de contraseña"),
            "Hello {{customer.name}},

You can set a new password yourself: choose “Forgot your password?” on the sign-in page and enter the e-mail \
address of your account. The message with the link arrives within a few minutes; please look into your spam folder \
as well. The link can be used once.

If no message arrives, answer this one and tell us which address you entered. Please never send us a password.

{{agent.name}}
{{team.name}}, ticket {{ticket.number}}",
            "Hola, {{customer.name}}:

Puede establecer una contraseña nueva usted mismo: elija «¿Ha olvidado su contraseña?» en la página de inicio de \
sesión e introduzca la dirección de correo de su cuenta. El mensaje con el enlace llega en pocos minutos; mire \
también en la carpeta de correo no deseado. El enlace solo se puede usar una vez.

Si no le llega ningún mensaje, responda a este y díganos qué dirección introdujo. No nos envíe nunca una contraseña.

{{agent.name}}
{{team.name}}, ticket {{ticket.number}}",
        ),
        of(
            "billing-inquiry",
            ("Billing Inquiry", "Consulta de facturación"),
            "Hello {{customer.name}},

Thank you for writing to us about your payment. To look into it we need:

- the date and the amount of the charge,
- the number of the invoice, if you have it,
- the last four digits of the card, if you paid with one. Please do not send the whole number.

As soon as we have these, we check the charge and tell you what we find.

{{agent.name}}
{{team.name}}, ticket {{ticket.number}}",
            "Hola, {{customer.name}}:

Gracias por escribirnos acerca de su pago. Para revisarlo necesitamos:

- la fecha y el importe del cargo,
- el número de la factura, si lo tiene,
- las cuatro últimas cifras de la tarjeta, si pagó con una. No nos envíe el número completo.

En cuanto tengamos estos datos, revisaremos el cargo y le diremos qué hemos encontrado.

{{agent.name}}
{{team.name}}, ticket {{ticket.number}}",
        ),
        of(
            "technical-support",
            ("Technical Support", "Soporte técnico"),
            "Hello {{customer.name}},

We are sorry that playback does not work as it should. Please try these steps in order:

1. Close the application and open it again.
2. Restart the device and, if you can, the router.
3. Install pending updates of the application and of the device.
4. Try another title, and another device in the same network.

If it still fails, tell us the device, the version of the application, the title, the time at which it happened and \
the exact words of any error message.

{{agent.name}}
{{team.name}}, ticket {{ticket.number}}",
            "Hola, {{customer.name}}:

Sentimos que la reproducción no funcione como debería. Pruebe estos pasos, por orden:

1. Cierre la aplicación y vuelva a abrirla.
2. Reinicie el dispositivo y, si puede, el router.
3. Instale las actualizaciones pendientes de la aplicación y del dispositivo.
4. Pruebe con otro título y con otro dispositivo de la misma red.

Si sigue fallando, díganos el dispositivo, la versión de la aplicación, el título, la hora a la que ocurrió y el \
texto exacto del mensaje de error, si lo hay.

{{agent.name}}
{{team.name}}, ticket {{ticket.number}}",
        ),
        of(
            "content-request",
            ("Content Request", "Solicitud de contenido"),
            "Hello {{customer.name}},

Thank you for telling us what you miss. We have passed your request (“{{ticket.subject}}”) on to the people who \
choose our content. Whether and when a title can be added depends on its rights, so we cannot promise a date.

If the title was there before, tell us when you last saw it and on which device.

{{agent.name}}
{{team.name}}, ticket {{ticket.number}}",
            "Hola, {{customer.name}}:

Gracias por decirnos qué echa en falta. Hemos transmitido su solicitud («{{ticket.subject}}») a quienes eligen \
nuestros contenidos. Que un título se pueda añadir, y cuándo, depende de sus derechos, por lo que no podemos prometer \
una fecha.

Si el título estaba disponible antes, díganos cuándo lo vio por última vez y en qué dispositivo.

{{agent.name}}
{{team.name}}, ticket {{ticket.number}}",
        ),
    ]
}

fn of(name: &str, (label_en, label_es): (&str, &str), en: &str, es: &str) -> (Slug, Template) {
    let body = |text| Body::new(text).expect("what Docket ships with is short enough");
    (slug(name), Template { label: label(label_en, label_es), body: Both { en: body(en), es: body(es) } })
}
