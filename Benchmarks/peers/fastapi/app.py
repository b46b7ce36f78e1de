"""The peer: the two endpoints as a good FastAPI application has them, on the same database, tokens, role and claims.

It is not held back: asyncpg, uvloop, orjson and granian are the fast choices, answers are not validated a second time, and
there is no logging, no metric and no header of security, which our side does have.
"""

import contextlib
import os
import uuid

import asyncpg
import jwt
from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
import orjson

SECRET = os.environ["JWT_SECRET"]

ENTER = """
select set_config('request.jwt.claims', $1, true), set_config('request.organization_id', $2, true),
       set_config('request.organization_role', auth.enter($3, $4, $5, 'owner'), true), set_config('role', $6, true)
"""
NOTES = """
select id, author_id, title, body, created_at, updated_at from notes
order by created_at desc, id limit $1 offset $2
"""
PERSON = "select id, email, last_sign_in_at, created_at, updated_at from auth.users where id = $1"


@contextlib.asynccontextmanager
async def lifespan(app):
    # As many connections in all as our side holds: four a core.
    most = max(1, 4 * (os.cpu_count() or 1) // int(os.environ["WORKERS"]))
    app.state.pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=most, max_size=most)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan)


class Caller:
    """Whose token it is."""

    def __init__(self, claims):
        self.claims = orjson.dumps(claims).decode()
        self.person, self.session = uuid.UUID(claims["sub"]), uuid.UUID(claims["session_id"])


async def caller(request: Request):
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise HTTPException(401)
    try:
        return Caller(jwt.decode(token, SECRET, algorithms=["HS256"], audience="authenticated"))
    except (jwt.InvalidTokenError, KeyError, ValueError) as error:
        raise HTTPException(401) from error


@contextlib.asynccontextmanager
async def entered(request, caller, organization, role):
    """A transaction under the caller's claims and the role."""
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        await connection.execute(ENTER, caller.claims, str(organization), caller.session, caller.person, organization, role)
        yield connection


def answer(value):
    # asyncpg's ids are a type of their own, which orjson does not know.
    return Response(orjson.dumps(value, default=str), media_type="application/json")


@app.get("/livez")
async def livez():
    return answer({"status": "ok"})


@app.get("/auth/v1/user")
async def user(request: Request, organization: uuid.UUID, caller: Caller = Depends(caller)):
    async with entered(request, caller, organization, "lean_platform") as connection:
        row = await connection.fetchrow(PERSON, caller.person)
    return answer(dict(row))


@app.get("/functions/v1/notes_list")
async def notes_list(
    request: Request, organization: uuid.UUID, caller: Caller = Depends(caller), limit: int = Query(20, ge=1, le=100),
    offset: int = Query(0, ge=0, le=1_000_000),
):
    async with entered(request, caller, organization, "authenticated") as connection:
        rows = await connection.fetch(NOTES, limit, offset)
    return answer({"notes": [dict(row) for row in rows]})
