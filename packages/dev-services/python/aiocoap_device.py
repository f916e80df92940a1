"""A device with a CoAP server on aiocoap, until its input ends. Prints each whole request that it gets as one line of JSON,
and each line of its input after the requests before it.

The first segment of the path chooses its behaviour; the rest is the name of a resource, which PUT, POST, PATCH and iPATCH write,
GET and FETCH read, and DELETE removes:

    store   acts at once
    late    acts after its acknowledgement, so that the answer comes apart
    fresh   acts on a request with an Echo option of its own, and asks for that at the first block of a larger one
    whole   as fresh, but asks for the option only when it has all blocks
    stale   never has enough of Echo options
    brief   refuses blocks of more than 64 bytes by 4.13, and gives that size (RFC 7959, section 2.9.3)
    shrink  acts as store, and asks at the first block for blocks of 64 bytes (section 2.3)
    answer  does nothing; the next segment is the code of its answer, the query has text, format, max-age and block1
"""

import asyncio
import json
import os
import sys

from aiocoap import Code, Context, Message, resource

WRITING = (Code.PUT, Code.POST, Code.PATCH, Code.iPATCH)
SMALL = 2  # Blocks of 64 bytes.
PUT_OFF_SECONDS = 0.5  # aiocoap acknowledges after 0.1 s.


class Device(resource.Resource):
    def __init__(self):
        super().__init__()
        self.kept = {}
        self.echoes = set()

    async def needs_blockwise_assembly(self, request):
        behaviour = request.opt.uri_path[0] if request.opt.uri_path else ""
        block = request.opt.block1
        if behaviour == "shrink" and block and block.block_number == 0:
            request.opt.block1 = (0, block.more, SMALL)
        if behaviour == "brief":
            return not too_large(request)
        if behaviour in ("fresh", "stale"):
            return request.opt.echo in self.echoes
        return behaviour != "answer"

    async def render(self, request):
        say(request)
        behaviour, *name = request.opt.uri_path or ("",)
        if behaviour == "answer":
            return canned(name[0], dict(query.split("=", 1) for query in request.opt.uri_query))
        if behaviour == "brief" and too_large(request):
            return Message(code=Code.REQUEST_ENTITY_TOO_LARGE, block1=(0, True, SMALL))
        if behaviour in ("fresh", "whole", "stale"):
            if request.opt.echo not in self.echoes or behaviour == "stale":
                return self.ask_for_echo(request)
        if behaviour == "late":
            await asyncio.sleep(PUT_OFF_SECONDS)
        return self.act(request, "/".join(name))

    def ask_for_echo(self, request):
        echo = os.urandom(8)
        self.echoes.add(echo)
        return Message(code=Code.UNAUTHORIZED, echo=echo, block1=request.opt.block1)

    def act(self, request, name):
        if request.code in WRITING:
            self.kept[name] = (request.opt.content_format, request.payload)
            return Message(code=Code.CHANGED)
        if name not in self.kept:
            return Message(code=Code.NOT_FOUND, payload=b"nothing is kept here")
        if request.code == Code.DELETE:
            del self.kept[name]
            return Message(code=Code.DELETED)
        content_format, payload = self.kept[name]
        return Message(code=Code.CONTENT, payload=payload, content_format=content_format)


def too_large(request):
    """Whether it is a block of more than 64 bytes; whole requests have the option of their last block."""
    return request.opt.block1 is not None and request.opt.block1.size_exponent > SMALL


def canned(code, query):
    whole, detail = code.split(".")
    answer = Message(code=Code(int(whole) * 32 + int(detail)), payload=query.get("text", "").encode())
    if "format" in query:
        answer.opt.content_format = int(query["format"])
    if "max-age" in query:
        answer.opt.max_age = int(query["max-age"])
    if "block1" in query:
        answer.opt.block1 = (0, False, int(query["block1"]))
    return answer


def say(request):
    said = {
        "method": str(request.code),
        "path": "/" + "/".join(request.opt.uri_path),
        "query": list(request.opt.uri_query),
        "contentFormat": None if request.opt.content_format is None else int(request.opt.content_format),
        "accept": None if request.opt.accept is None else int(request.opt.accept),
        "hasEcho": request.opt.echo is not None,
        "payload": request.payload.hex(),
    }
    print(json.dumps(said), flush=True)


async def main():
    context = await Context.create_server_context(Device(), bind=("::", int(sys.argv[1])), transports=["udp6"])
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(line, end="", flush=True)
    await context.shutdown()


asyncio.run(main())
