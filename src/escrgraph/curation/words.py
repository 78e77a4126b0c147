"""What feeds and letters say, in the languages of the pages."""

from __future__ import annotations

from escrgraph.curation.actors import Party
from escrgraph.curation.states import Step
from escrgraph.vocabulary.languages import LANGUAGES

SITE = "{site}"
"""Stands in a letter for the address of the service until it is mailed."""

HAPPENED: dict[str, dict[Step, str]] = {
    "en": {
        Step.SUBMIT: "submitted",
        Step.CONFIRM: "confirmed by its sender",
        Step.COMMENT: "commented on",
        Step.ASK: "changes are asked for",
        Step.ACCEPT: "accepted",
        Step.REJECT: "rejected",
        Step.WITHDRAW: "taken back by its sender",
        Step.PUBLISH: "published",
        Step.RETURN: "could not be published and is back in review",
        Step.UNPUBLISH: "no longer published",
    },
    "es": {
        Step.SUBMIT: "enviado",
        Step.CONFIRM: "confirmado por quien lo envió",
        Step.COMMENT: "comentado",
        Step.ASK: "se piden cambios",
        Step.ACCEPT: "aceptado",
        Step.REJECT: "rechazado",
        Step.WITHDRAW: "retirado por quien lo envió",
        Step.PUBLISH: "publicado",
        Step.RETURN: "no pudo publicarse y vuelve a revisión",
        Step.UNPUBLISH: "ya no está publicado",
    },
    "fr": {
        Step.SUBMIT: "envoyé",
        Step.CONFIRM: "confirmé par la personne qui l'a envoyé",
        Step.COMMENT: "commenté",
        Step.ASK: "des modifications sont demandées",
        Step.ACCEPT: "accepté",
        Step.REJECT: "refusé",
        Step.WITHDRAW: "retiré par la personne qui l'a envoyé",
        Step.PUBLISH: "publié",
        Step.RETURN: "n'a pas pu être publié et revient en examen",
        Step.UNPUBLISH: "n'est plus publié",
    },
    "ar": {
        Step.SUBMIT: "أُرسل",
        Step.CONFIRM: "أكّده مُرسله",
        Step.COMMENT: "أُضيف تعليق عليه",
        Step.ASK: "طُلبت تعديلات",
        Step.ACCEPT: "قُبل",
        Step.REJECT: "رُفض",
        Step.WITHDRAW: "سحبه مُرسله",
        Step.PUBLISH: "نُشر",
        Step.RETURN: "تعذّر نشره وعاد إلى المراجعة",
        Step.UNPUBLISH: "لم يعد منشورًا",
    },
}
_LOOK = {
    "en": "Look at it here: {address}\n\nA program wrote this. What you are mailed can be chosen in your account.",
    "es": "Véalo aquí: {address}\n\nEsto lo escribió un programa. En su cuenta puede elegir qué correos recibe.",
    "fr": "À voir ici : {address}\n\nCe message est écrit par un programme. Votre compte permet de choisir les envois.",
    "ar": "للاطلاع عليه: {address}\n\nكتب هذه الرسالةَ برنامجٌ. يمكنكم من حسابكم اختيار ما يصلكم بالبريد.",
}
_FIRST = {
    "en": "The link in the first letter leads to it.\n\nA program wrote this.",
    "es": "El enlace del primer correo lleva a él.\n\nEsto lo escribió un programa.",
    "fr": "Le lien du premier message y mène.\n\nCe message est écrit par un programme.",
    "ar": "يقود إليه الرابط الوارد في الرسالة الأولى.\n\nكتب هذه الرسالةَ برنامجٌ.",
}
_CONFIRM = {
    "en": (
        "Confirm your submission",
        "Somebody, probably you, sent “{title}” to escrgraph. Curators see it when you follow this link:\n\n"
        "{address}\n\nBy the same link you can later see what becomes of it. If it was not you, do nothing: "
        "nobody will see it.",
    ),
    "es": (
        "Confirme su envío",
        "Alguien, probablemente usted, envió «{title}» a escrgraph. Se revisará cuando siga este enlace:\n\n"
        "{address}\n\nCon el mismo enlace podrá ver después qué ha sido de él. Si no fue usted, no haga nada: "
        "nadie lo verá.",
    ),
    "fr": (
        "Confirmez votre envoi",
        "Quelqu'un, sans doute vous, a envoyé « {title} » à escrgraph. L'envoi sera examiné quand vous suivrez ce "
        "lien :\n\n{address}\n\nLe même lien vous dira ensuite ce qu'il devient. Si ce n'était pas vous, ne faites "
        "rien : personne ne le verra.",
    ),
    "ar": (
        "أكّدوا ما أرسلتموه",
        "أرسل أحدهم، ولعلّه أنتم، «{title}» إلى escrgraph. تبدأ مراجعته عند فتح هذا الرابط:\n\n{address}\n\n"
        "وبالرابط نفسه يمكنكم لاحقًا معرفة ما آل إليه. إن لم تكونوا أنتم المُرسل فلا تفعلوا شيئًا: لن يراه أحد.",
    ),
}
_RESET = {
    "en": ("Set a password", "By this link you can set a password for “{title}”, within a day and once:\n\n{address}"),
    "es": (
        "Elija una contraseña",
        "Con este enlace puede elegir una contraseña para «{title}», durante un día y una sola vez:\n\n{address}",
    ),
    "fr": (
        "Choisissez un mot de passe",
        "Ce lien permet de choisir un mot de passe pour « {title} », pendant un jour et une seule fois :\n\n{address}",
    ),
    "ar": (
        "اختاروا كلمة مرور",
        "بهذا الرابط يمكنكم اختيار كلمة مرور لحساب «{title}» خلال يوم ولمرة واحدة:\n\n{address}",
    ),
}


def happened(language: str, step: Step) -> str:
    """What is said of a step."""
    found = HAPPENED[language if language in LANGUAGES else "en"]
    return found.get(step, step.value)


def headline(language: str, step: Step, title: str) -> str:
    """One line about a step on a submission."""
    return f"{one_line(title)}: {happened(language, step)}"


def path(submission: str, party: Party) -> str:
    """Where a submission is looked at, below the address of the service."""
    return f"{'curate' if party is Party.CURATOR else 'submissions'}/{submission}"


def letter(language: str, step: Step, title: str, submission: str, party: Party | None) -> tuple[str, str]:
    """Subject and body of a letter about a step. party: None for somebody without an account, who has a link."""
    line = headline(language, step, title)
    known = language if language in LANGUAGES else "en"
    look = _LOOK[known].format(address=SITE + path(submission, party)) if party else _FIRST[known]
    return line, f"{line}\n\n{look}\n"


def confirmation(language: str, title: str, address: str) -> tuple[str, str]:
    """Subject and body of the letter by which a stranger confirms a submission."""
    subject, body = _CONFIRM[language if language in LANGUAGES else "en"]
    return subject, body.format(title=one_line(title), address=address) + "\n"


def reset(language: str, name: str, address: str) -> tuple[str, str]:
    """Subject and body of the letter by which a password is set."""
    subject, body = _RESET[language if language in LANGUAGES else "en"]
    return subject, body.format(title=one_line(name), address=address) + "\n"


def one_line(text: str, most: int = 120) -> str:
    """A text on one line, cut where it is too long; so no line of it becomes a header."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
