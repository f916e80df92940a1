"""A device on aiocoap that asks, from one socket, until its input ends.

A line of its input is a request in JSON; each answer to it is a line of JSON with the same id. A request is sent once more where
the server asks for an Echo option (RFC 9175), which aiocoap leaves to its user.
"""

import asyncio
import json
import sys

from aiocoap import Code, Context, Message, error
from aiocoap.numbers.constants import Unreliable


async def ask(context, wanted):
    try:
        request, answer = await exchange(context, wanted, None)
        if answer.code == Code.UNAUTHORIZED and answer.opt.echo is not None:
            request, answer = await exchange(context, wanted, answer.opt.echo)
        say(wanted["id"], answer)
        if wanted.get("observe"):
            async for notification in request.observation:
                say(wanted["id"], notification)
    except (error.Error, OSError) as failure:
        print(json.dumps({"id": wanted["id"], "error": repr(failure)}), flush=True)


async def exchange(context, wanted, echo):
    message = Message(
        code=getattr(Code, wanted["method"]),
        uri=wanted["url"],
        payload=bytes.fromhex(wanted.get("payload", "")),
        transport_tuning=None if wanted.get("confirmable", True) else Unreliable,
    )
    if "contentFormat" in wanted:
        message.opt.content_format = wanted["contentFormat"]
    if wanted.get("observe"):
        message.opt.observe = 0
    message.opt.echo = echo
    request = context.request(message)
    return request, await request.response


def say(id, answer):
    said = {
        "id": id,
        "code": answer.code.dotted,
        "confirmable": answer.mtype is not None and answer.mtype.name == "CON",
        "locationPath": list(answer.opt.location_path),
        "locationQuery": list(answer.opt.location_query),
        "contentFormat": None if answer.opt.content_format is None else int(answer.opt.content_format),
        "maxAge": answer.opt.max_age,
        "payload": answer.payload.hex(),
    }
    print(json.dumps(said), flush=True)


async def main():
    context = await Context.create_client_context(transports=["udp6"])
    print("ready", flush=True)
    tasks = set()
    while line := await asyncio.to_thread(sys.stdin.readline):
        tasks.add(asyncio.create_task(ask(context, json.loads(line))))
    for task in tasks:
        task.cancel()
    await context.shutdown()


asyncio.run(main())
