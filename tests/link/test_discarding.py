"""A connection that is given up leaves nothing behind, and never keeps the next one waiting."""

import asyncio
from contextlib import suppress

from broadcaster.link.line import Line
from broadcaster.link.usage import Meter


async def stubborn() -> None:
    """A task that swallows the first cancellation, as one of nats-py can."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(3600)
    await asyncio.sleep(3600)


def test_a_task_that_does_not_hear_it_is_cancelled_does_not_keep_a_unit_off_the_wire() -> None:
    async def give_up() -> bool:
        line = Line(lambda *_: None, lambda _: None, Meter())
        task = line._client._reading_task = asyncio.ensure_future(stubborn())
        await asyncio.sleep(0)
        async with asyncio.timeout(3):
            await line.close()
        return task.cancelled()

    assert asyncio.run(give_up())
