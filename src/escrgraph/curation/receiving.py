"""Receiving what people send: as a draft of a member, or held for somebody without an account until they confirm."""

from __future__ import annotations

from escrgraph.curation import notices, words
from escrgraph.curation.actors import Actor, Role
from escrgraph.curation.acts import create
from escrgraph.curation.database import Database
from escrgraph.curation.errors import NotReady
from escrgraph.curation.kept import Submission
from escrgraph.curation.people import is_mail
from escrgraph.curation.proposals import Proposal
from escrgraph.curation.throttle import Throttle

AN_HOUR = 10
"""How many submissions one client may send in an hour without an account."""

A_DAY = 5
"""How many letters one address may be sent in a day by people without an account."""


def receive(
    database: Database, proposal: Proposal, actor: Actor, *, client: str = "", contact: str = "", bait: str = ""
) -> tuple[Submission, str]:
    """Keep a proposal that came by a form.

    client: the key of who sent it; contact: an e-mail address, to which the link to confirm is mailed when there is
    one; bait: what came in the field that people do not see. Returns the submission and, for somebody without an
    account, the secret of their link. Raises NotReady, and TooOften for a client that sends too much.
    """
    if actor.role is not Role.VISITOR:
        with database.writing() as connection:
            return create(connection, proposal, actor)
    if bait:
        raise NotReady("The field that is to be left empty was filled in. Leave it empty, and send again.")
    address = contact.strip()
    if address and not is_mail(address):
        raise NotReady(f"“{address[:80]}” is no e-mail address.")
    throttle = Throttle(database)
    throttle.take("submit", client, AN_HOUR, 3600)
    if address:
        throttle.take("mail", address.lower(), A_DAY, 86_400)
    with database.writing() as connection:
        made, key = create(connection, proposal, actor, contact=address)
        if address:
            link = f"{words.SITE}submissions/{made.id}?key={key}"
            notices.post(connection, address, *words.confirmation(proposal.language, proposal.title, link))
    return made, key
