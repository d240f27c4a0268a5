"""What is on its way to the database is bounded, before it is read."""

import pytest

from trainvitals_server.intake import Intake
from trainvitals_server.storage.errors import QueueFull


def test_it_admits_until_it_is_full_and_again_when_something_left() -> None:
    intake = Intake(100)
    with intake.admit(60), intake.admit(40), pytest.raises(QueueFull), intake.admit(1):
        pass
    with intake.admit(100):
        pass


def test_a_report_that_fails_gives_its_room_back() -> None:
    intake = Intake(100)
    with pytest.raises(KeyError), intake.admit(100):
        raise KeyError
    with intake.admit(100):
        pass


def test_one_report_alone_is_admitted_whatever_its_size() -> None:
    intake = Intake(100)
    with intake.admit(1000), pytest.raises(QueueFull), intake.admit(1):
        pass


def test_a_report_without_room_is_told_when_to_come_back_and_stores_nothing(talk, make_app):
    app = make_app()

    async def conversation(client):
        run = await client.new_run()
        intake = app.state.services.intake
        with intake.admit(intake._bytes_max):
            answer = await client.report(run.run_id, run.losses(1))
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1
        assert (await client.report(run.run_id, run.losses(1))).status_code == 202
        assert intake._bytes == 0

    talk(conversation, app=app)
