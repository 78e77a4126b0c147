"""What is said when a shape has no message of its own: a sentence for each kind of demand, in each interface language.

`{number}` and `{expected}` are filled in from the shape. The field's name goes before the sentence, the value after it.
"""

from __future__ import annotations

from collections.abc import Mapping

Sentence = Mapping[str, str]

_DEFAULT: Sentence = {
    "en": "This is not as the library needs it.",
    "es": "Esto no está como lo necesita la biblioteca.",
    "fr": "Ceci n’est pas sous la forme attendue par la bibliothèque.",
    "ar": "هذا ليس بالصيغة التي تحتاج إليها المكتبة.",
}
_KIND_OF_VALUE: Sentence = {
    "en": "Give {expected} here.",
    "es": "Indique aquí {expected}.",
    "fr": "Indiquez ici {expected}.",
    "ar": "اكتب هنا {expected}.",
}
_PAIR: Sentence = {
    "en": "This does not go together with another field of the entry.",
    "es": "Esto no concuerda con otro campo de la entrada.",
    "fr": "Ceci ne s’accorde pas avec un autre champ de la fiche.",
    "ar": "هذا لا يتفق مع حقل آخر في المدخل.",
}
_RANGE: Sentence = {
    "en": "The number is outside the range that is allowed ({number}).",
    "es": "El número está fuera del intervalo permitido ({number}).",
    "fr": "Le nombre est hors des limites admises ({number}).",
    "ar": "العدد خارج النطاق المسموح به ({number}).",
}
_INNER: Sentence = {
    "en": "What is entered here is not complete.",
    "es": "Lo indicado aquí no está completo.",
    "fr": "Ce qui est indiqué ici n’est pas complet.",
    "ar": "ما أدخل هنا غير مكتمل.",
}

SENTENCES: Mapping[str, Sentence] = {
    "MinCount": {
        "en": "This is missing. At least {number} is needed.",
        "es": "Falta este dato. Se necesita al menos {number}.",
        "fr": "Cette donnée manque. Il en faut au moins {number}.",
        "ar": "هذا الحقل ناقص. المطلوب {number} على الأقل.",
    },
    "MaxCount": {
        "en": "There are too many values. At most {number} can be kept.",
        "es": "Hay demasiados valores. Se admiten como máximo {number}.",
        "fr": "Il y a trop de valeurs. Il en faut au plus {number}.",
        "ar": "عدد القيم أكبر من المسموح. الحد الأقصى {number}.",
    },
    "Class": {
        "en": "This is not in our list. Choose an entry of the list, or add the entry first.",
        "es": "Esto no está en nuestra lista. Elija una entrada de la lista o añádala antes.",
        "fr": "Ceci n’est pas dans notre liste. Choisissez une entrée de la liste, ou ajoutez-la d’abord.",
        "ar": "هذا غير موجود في قائمتنا. اختر مدخلا من القائمة أو أضفه أولا.",
    },
    "Datatype": _KIND_OF_VALUE,
    "NodeKind": _KIND_OF_VALUE,
    "MinLength": {
        "en": "This is too short. Write at least {number} characters.",
        "es": "Es demasiado corto. Escriba al menos {number} caracteres.",
        "fr": "C’est trop court. Écrivez au moins {number} caractères.",
        "ar": "النص قصير جدا. اكتب {number} حرفا على الأقل.",
    },
    "MaxLength": {
        "en": "This is too long. Write at most {number} characters.",
        "es": "Es demasiado largo. Escriba como máximo {number} caracteres.",
        "fr": "C’est trop long. Écrivez au plus {number} caractères.",
        "ar": "النص طويل جدا. اكتب {number} حرفا على الأكثر.",
    },
    "Pattern": {
        "en": "This does not have the form that is needed.",
        "es": "Esto no tiene la forma necesaria.",
        "fr": "Ceci n’a pas la forme voulue.",
        "ar": "هذا ليس بالصيغة المطلوبة.",
    },
    "LanguageIn": {
        "en": "Say in which language this is written, with one of the languages of the list.",
        "es": "Diga en qué idioma está escrito, con uno de los idiomas de la lista.",
        "fr": "Précisez la langue de ce texte, parmi celles de la liste.",
        "ar": "حدد لغة هذا النص من بين لغات القائمة.",
    },
    "UniqueLang": {
        "en": "This is given twice in one language. Keep one text per language.",
        "es": "Figura dos veces en un mismo idioma. Deje un solo texto por idioma.",
        "fr": "Ceci est donné deux fois dans une même langue. Gardez un seul texte par langue.",
        "ar": "هذا مكتوب مرتين باللغة نفسها. أبق نصا واحدا لكل لغة.",
    },
    "In": {
        "en": "This is not one of the choices ({expected}).",
        "es": "No es una de las opciones ({expected}).",
        "fr": "Ce n’est pas un des choix possibles ({expected}).",
        "ar": "هذا ليس من الخيارات ({expected}).",
    },
    "HasValue": {
        "en": "A value that is always needed here is missing ({expected}).",
        "es": "Falta un valor que aquí siempre es necesario ({expected}).",
        "fr": "Il manque une valeur toujours nécessaire ici ({expected}).",
        "ar": "تنقص قيمة لا بد منها هنا ({expected}).",
    },
    "MinInclusive": _RANGE,
    "MaxInclusive": _RANGE,
    "MinExclusive": _RANGE,
    "MaxExclusive": _RANGE,
    "Equals": _PAIR,
    "Disjoint": _PAIR,
    "LessThan": _PAIR,
    "LessThanOrEquals": _PAIR,
    "Node": _INNER,
    "And": _INNER,
    "Or": _INNER,
    "Xone": _INNER,
    "Not": _DEFAULT,
    "SPARQL": _DEFAULT,
    "QualifiedMinCount": {
        "en": "At least {number} of the values must be of a certain kind; there are fewer.",
        "es": "Al menos {number} de los valores deben ser de cierto tipo; hay menos.",
        "fr": "Au moins {number} des valeurs doivent être d’un certain type ; il y en a moins.",
        "ar": "يجب أن تكون {number} من القيم على الأقل من نوع معين، والموجود أقل.",
    },
    "QualifiedMaxCount": {
        "en": "At most {number} of the values may be of a certain kind; there are more.",
        "es": "Como máximo {number} de los valores pueden ser de cierto tipo; hay más.",
        "fr": "Au plus {number} des valeurs peuvent être d’un certain type ; il y en a davantage.",
        "ar": "يجوز أن تكون {number} من القيم على الأكثر من نوع معين، والموجود أكثر.",
    },
    "Closed": {
        "en": "This field does not belong to entries of this kind. Take it out.",
        "es": "Este campo no corresponde a entradas de este tipo. Quítelo.",
        "fr": "Ce champ n’appartient pas aux fiches de ce type. Retirez-le.",
        "ar": "هذا الحقل لا يخص مداخل من هذا النوع. احذفه.",
    },
    "unchecked": {
        "en": "Nothing checked this entry: it does not say what kind of thing it is, or names a kind we do not know.",
        "es": "Nada comprobó esta entrada: no dice qué tipo de cosa es, o nombra un tipo que no conocemos.",
        "fr": "Rien n’a vérifié cette fiche : elle ne dit pas de quel type elle est, ou nomme un type inconnu ici.",
        "ar": "لم يتحقق شيء من هذا المدخل: فهو لا يبين نوعه، أو يذكر نوعا لا نعرفه.",
    },
    "foreign-subject": {
        "en": "This is not an entry of the library. Only entries with an address of the library can be sent.",
        "es": "Esto no es una entrada de la biblioteca. Envíe solo entradas con una dirección de la biblioteca.",
        "fr": "Ceci n’est pas une fiche de la bibliothèque. N’envoyez que des fiches qui y ont une adresse.",
        "ar": "هذا ليس مدخلا في المكتبة. لا ترسل إلا مداخل لها عنوان في المكتبة.",
    },
    "unknown-property": {
        "en": "We know no field of this name. Check its spelling, or leave it out.",
        "es": "No conocemos ningún campo con este nombre. Revise cómo está escrito o quítelo.",
        "fr": "Nous ne connaissons aucun champ de ce nom. Vérifiez son écriture, ou retirez-le.",
        "ar": "لا نعرف حقلا بهذا الاسم. تحقق من كتابته أو احذفه.",
    },
    "dangling": {
        "en": "This points to an entry that does not exist. Correct the address, or add the entry.",
        "es": "Esto remite a una entrada que no existe. Corrija la dirección o añada la entrada.",
        "fr": "Ceci renvoie à une fiche qui n’existe pas. Corrigez l’adresse, ou ajoutez la fiche.",
        "ar": "هذا يشير إلى مدخل غير موجود. صحح العنوان أو أضف المدخل.",
    },
    "ill-typed": {
        "en": "This is not a value of its type, such as a whole number, a day (2013-09-05) or yes and no.",
        "es": "No es un valor de su tipo, como un número entero, un día (2013-09-05) o sí y no.",
        "fr": "Ce n’est pas une valeur de son type, comme un nombre entier, un jour (2013-09-05) ou oui et non.",
        "ar": "هذه ليست قيمة من نوعها، مثل عدد صحيح أو يوم (2013-09-05) أو نعم ولا.",
    },
    "datatype": {
        "en": "This has a type of value that the library does not keep.",
        "es": "Tiene un tipo de valor que la biblioteca no conserva.",
        "fr": "Ceci a un type de valeur que la bibliothèque ne conserve pas.",
        "ar": "لهذا نوع من القيم لا تحفظه المكتبة.",
    },
    "scheme": {
        "en": "Only web addresses, mail addresses and DOIs can be kept.",
        "es": "Solo se admiten direcciones web, de correo y DOI.",
        "fr": "Seules les adresses web, les adresses de courriel et les DOI sont admis.",
        "ar": "لا تقبل إلا عناوين الويب والبريد ومعرفات DOI.",
    },
    "model": {
        "en": "This would change the model itself, not an entry. Leave it out.",
        "es": "Esto cambiaría el propio modelo, no una entrada. Quítelo.",
        "fr": "Ceci modifierait le modèle lui-même, et non une fiche. Retirez-le.",
        "ar": "هذا يغير النموذج نفسه لا مدخلا فيه. احذفه.",
    },
    "long-text": {
        "en": "This text is too long to be kept. Shorten it.",
        "es": "Este texto es demasiado largo. Acórtelo.",
        "fr": "Ce texte est trop long. Raccourcissez-le.",
        "ar": "هذا النص أطول مما يمكن حفظه. اختصره.",
    },
    "long-address": {
        "en": "This address is too long to be kept. Use a shorter one.",
        "es": "Esta dirección es demasiado larga. Use una más corta.",
        "fr": "Cette adresse est trop longue. Employez-en une plus courte.",
        "ar": "هذا العنوان أطول مما يمكن حفظه. استعمل عنوانا أقصر.",
    },
    "too-many-values": {
        "en": "There are too many values in this field. Keep the important ones.",
        "es": "Hay demasiados valores en este campo. Deje los importantes.",
        "fr": "Il y a trop de valeurs dans ce champ. Gardez les plus importantes.",
        "ar": "في هذا الحقل قيم كثيرة جدا. أبق المهم منها.",
    },
    "triple-term": {
        "en": "A statement about a statement cannot be kept. Say it as a field of an entry.",
        "es": "No se conservan afirmaciones sobre afirmaciones. Indíquelo como campo de una entrada.",
        "fr": "Une affirmation sur une affirmation ne peut être conservée. Donnez-la comme champ d’une fiche.",
        "ar": "لا يحفظ قول عن قول. اكتبه حقلا في مدخل.",
    },
}

FALLBACK = _DEFAULT

VALUE: Sentence = {
    "en": " It says “{value}”.",
    "es": " Dice «{value}».",
    "fr": " Il y est écrit « {value} ».",
    "ar": " المكتوب: «{value}».",
}

SUGGESTED: Sentence = {
    "en": " Did you mean {names}?",
    "es": " ¿Quiso decir {names}?",
    "fr": " Vouliez-vous dire {names} ?",
    "ar": " هل تقصد {names}؟",
}

EITHER: Sentence = {"en": " or ", "es": " o ", "fr": " ou ", "ar": " أو "}

EXPECTED: Mapping[str, Sentence] = {
    "langString": {
        "en": "a text with its language",
        "es": "un texto con su idioma",
        "fr": "un texte avec sa langue",
        "ar": "نصا مع لغته",
    },
    "string": {"en": "a plain text", "es": "un texto simple", "fr": "un texte simple", "ar": "نصا بسيطا"},
    "integer": {"en": "a whole number", "es": "un número entero", "fr": "un nombre entier", "ar": "عددا صحيحا"},
    "decimal": {"en": "a number", "es": "un número", "fr": "un nombre", "ar": "عددا"},
    "double": {"en": "a number", "es": "un número", "fr": "un nombre", "ar": "عددا"},
    "float": {"en": "a number", "es": "un número", "fr": "un nombre", "ar": "عددا"},
    "boolean": {"en": "yes or no", "es": "sí o no", "fr": "oui ou non", "ar": "نعم أو لا"},
    "date": {
        "en": "a day, such as 2013-09-05",
        "es": "un día, como 2013-09-05",
        "fr": "un jour, comme 2013-09-05",
        "ar": "يوما، مثل 2013-09-05",
    },
    "EDTF": {
        "en": "a date, such as 2013, 2013-09 or 2013-09/2013-10",
        "es": "una fecha, como 2013, 2013-09 o 2013-09/2013-10",
        "fr": "une date, comme 2013, 2013-09 ou 2013-09/2013-10",
        "ar": "تاريخا، مثل 2013 أو 2013-09 أو 2013-09/2013-10",
    },
    "IRI": {
        "en": "an address or an entry of the list",
        "es": "una dirección o una entrada de la lista",
        "fr": "une adresse ou une entrée de la liste",
        "ar": "عنوانا أو مدخلا من القائمة",
    },
    "Literal": {"en": "a text", "es": "un texto", "fr": "un texte", "ar": "نصا"},
    "value": {
        "en": "another kind of value",
        "es": "otro tipo de valor",
        "fr": "un autre type de valeur",
        "ar": "قيمة أخرى",
    },
}
