"""What every view needs, kept once on the application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, request

from escrgraph.service import Service
from escrgraph.web.census import Censuses
from escrgraph.web.clients import Clients
from escrgraph.web.desks import Desks
from escrgraph.web.list_view import Lists
from escrgraph.web.outlet import Outlet
from escrgraph.web.reception import Reception
from escrgraph.web.records import Records
from escrgraph.web.usage import Usage

_NAME = "escrgraph"


@dataclass(frozen=True, slots=True)
class Context:
    """The service that the web stands before.

    clients: how those who ask are told apart; censuses: the last count of its graphs; records: what became of each;
    usage: how often its terms are used; desks: the curators' desk; reception: what takes in submissions; lists: what
    lists are made with; outlet: through which all of it is given to harvesters.
    """

    service: Service
    clients: Clients
    censuses: Censuses
    records: Records
    usage: Usage
    desks: Desks
    reception: Reception
    lists: Lists
    outlet: Outlet


def attach(app: Flask, context: Context) -> None:
    """Make a context that of an application."""
    app.extensions[_NAME] = context


def here() -> Context:
    """The context of the application that handles this request."""
    return cast(Context, current_app.extensions[_NAME])


def client() -> str:
    """The key of the client of this request."""
    return here().clients.key(request.remote_addr, request.headers.get("X-Forwarded-For"))


def asker() -> str:
    """Whose share of the workers and whose budget a query takes: the client's; empty, so nobody's, on this machine.

    Behind a proxy that does not tell for whom it asks, all the public would share what is meant for one.
    """
    forwarded = request.headers.get("X-Forwarded-For")
    return "" if here().clients.near(request.remote_addr, forwarded) else client()
