"""The schemas of JSON answers that the description of the API names (JSON Schema 2020-12)."""

from __future__ import annotations

from typing import Any

_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE: dict[str, Any] = {"type": ["string", "null"]}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}

SCHEMAS: dict[str, dict[str, Any]] = {
    "Problem": {
        "type": "object",
        "description": "RFC 9457.",
        "properties": {"title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT},
        "required": ["title", "status", "detail"],
    },
    "Reference": {"type": "object", "properties": {"@id": _TEXT}, "required": ["@id"]},
    "Literal": {
        "type": "object",
        "properties": {"@value": {"type": ["string", "number", "boolean"]}, "@language": _TEXT, "@type": _TEXT},
        "required": ["@value"],
    },
    "Value": {"anyOf": [{"$ref": "#/components/schemas/Reference"}, {"$ref": "#/components/schemas/Literal"}]},
    "Terms": {
        "type": "object",
        "properties": {
            "generation": _COUNT,
            "total": _COUNT,
            "terms": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "iri": _MAYBE,
                        "prefixed": {"type": "string", "description": "As it is written in a query."},
                        "label": _MAYBE,
                        "language": _MAYBE,
                        "description": _MAYBE,
                        "count": {"type": ["integer", "null"]},
                    },
                    "required": ["iri", "prefixed", "label", "description", "count"],
                },
            },
        },
        "required": ["generation", "total", "terms"],
    },
    "List": {
        "type": "object",
        "properties": {
            "generation": _COUNT,
            "total": {**_COUNT, "description": "Of all records of the list, counted exactly."},
            "page": _COUNT,
            "pages": _COUNT,
            "size": _COUNT,
            "order": _TEXT,
            "cut": {"type": "boolean", "description": "The text has more words than are looked for."},
            "selection": {"type": "object"},
            "records": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "iri": _TEXT,
                        "type": _TEXT,
                        "kind": _TEXT,
                        "title": _TEXT,
                        "language": _MAYBE,
                        "date": _MAYBE,
                        "score": {"type": "number"},
                        "document": _TEXT,
                        "facts": {"type": "object"},
                        "snippets": {"type": "array", "items": {"type": "object"}},
                    },
                    "required": ["iri", "type", "title", "language", "date", "document"],
                },
            },
            "facets": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": _TEXT,
                        "label": _TEXT,
                        "terms": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    "term": _TEXT,
                                    "label": _TEXT,
                                    "count": _COUNT,
                                    "chosen": {"type": "boolean"},
                                },
                                "required": ["term", "label", "count", "chosen"],
                            },
                        },
                        "left": {**_COUNT, "description": "How many more terms it has."},
                        "all": {**_MAYBE, "description": "Where it has all of them."},
                        "sparql": _TEXT,
                    },
                    "required": ["name", "label", "terms", "left", "all", "sparql"],
                },
            },
            "sparql": {"type": "string", "description": "Where the query behind the list opens."},
            "next": _MAYBE,
            "previous": _MAYBE,
        },
        "required": ["generation", "total", "page", "pages", "records", "facets", "sparql", "next", "previous"],
    },
    "Report": {
        "type": "object",
        "description": "What a check found. Only violations make it fail.",
        "properties": {
            "conforms": {"type": "boolean"},
            "shapes": {"type": "string", "description": "Version of the shapes."},
            "records": _COUNT,
            "findings": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "record": _MAYBE,
                        "node": _TEXT,
                        "field": {"type": "object", "description": "Its name by language."},
                        "path": _MAYBE,
                        "value": _MAYBE,
                        "severity": {"enum": ["Violation", "Warning", "Info"]},
                        "messages": {"type": "object", "description": "A sentence by language."},
                        "constraint": _TEXT,
                        "suggestions": {"type": "array", "items": _TEXT},
                    },
                    "required": ["record", "node", "field", "path", "value", "severity", "messages", "constraint"],
                },
            },
        },
        "required": ["conforms", "findings"],
    },
}
