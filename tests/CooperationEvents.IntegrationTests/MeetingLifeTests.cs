using System.Text.Json.Nodes;

namespace CooperationEvents.IntegrationTests;

public sealed class MeetingLifeTests(SharedRegister register)
{
    [Fact]
    public async Task Meetings_do_not_take_place_in_the_margins_of_each_other()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var summit = await cooperation.Schedule();
        var side = await cooperation.Schedule(("inMarginsOf", summit.Id));
        var talk = await cooperation.Schedule(("inMarginsOf", side.Id));

        foreach (var around in new[] { summit.Id, side.Id, talk.Id })
            (
                await register.Host.Post($"/v1/meetings/{summit.Id}/correct", new { inMarginsOf = around, reason = "minutes" })
            ).ShouldBeProblem(422, "invalid", "/inMarginsOf");
        await cooperation.Do($"/v1/meetings/{talk.Id}/correct", new { inMarginsOf = summit.Id, reason = "minutes" });
    }

    [Fact]
    public async Task A_meeting_can_be_followed_from_its_schedule_to_its_outcomes()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (ada, alan) = (await cooperation.Person("Ada"), await cooperation.Person("Alan"));
        var meeting = await cooperation.Schedule(
            ("start", "2018-04-04T09:30"),
            ("timeZone", "Europe/Brussels"),
            ("topics", new JsonArray("migration"))
        );
        var path = $"/v1/meetings/{meeting.Id}";
        (await cooperation.Meeting(meeting.Id, meeting)).ShouldBeRead().Text("state").ShouldBe("scheduled");

        await cooperation.Do(
            $"{path}/registrations",
            new { attendees = new[] { cooperation.Attendee(ada, "chair"), cooperation.Attendee(alan) } }
        );
        await cooperation.Do($"{path}/registrations/{alan}/withdraw", new { reason = "ill" });
        await cooperation.Do(
            $"{path}/agenda",
            new { items = new object[] { new { title = "Opening" }, new { title = "Returns", topic = "migration" } } }
        );
        await cooperation.Do(
            $"{path}/hosts",
            new
            {
                hosts = new[]
                {
                    new
                    {
                        organisationId = cooperation.Home,
                        role = "host",
                        onBehalfOf = "EU",
                    },
                },
            }
        );
        await cooperation.Do(
            $"{path}/relocate",
            new
            {
                mode = "in-person",
                venue = "Berlaymont",
                country = "BE",
            }
        );
        var postponed = await cooperation.Do($"{path}/postpone", new { reason = "strike" });
        (await cooperation.Meeting(meeting.Id, postponed)).ShouldBeRead().Text("state").ShouldBe("postponed");

        var rescheduled = await cooperation.Do(
            $"{path}/reschedule",
            new
            {
                start = "2018-05-02",
                end = "2018-05-03",
                reason = "after the strike",
            }
        );
        var read = (await cooperation.Meeting(meeting.Id, rescheduled)).ShouldBeRead();
        read.Text("state").ShouldBe("scheduled");
        read.Text("start").ShouldBe("2018-05-02");
        read.Text("end").ShouldBe("2018-05-03");
        read.Text("timeZone").ShouldBe("Europe/Brussels");

        await cooperation.Do($"{path}/hold", new { heldTo = "2018-05-04", mode = "hybrid" });
        await cooperation.Do(
            $"{path}/attendance",
            new { attendees = new[] { cooperation.Attendee(ada, "chair", "attended"), cooperation.Attendee(alan, status: "excused") } }
        );
        await cooperation.Do(
            $"{path}/attendance/{alan}/correct",
            new
            {
                reason = "he came after all",
                status = "attended",
                mode = "online",
            }
        );
        await cooperation.Do(
            $"{path}/delegations",
            new
            {
                organisationId = cooperation.Iom,
                count = 7,
                precision = "exact",
            }
        );
        var outcome = (
            await register.Host.Post(
                $"{path}/outcomes",
                new { kind = "conclusion", text = new { en = "We agreed.", fr = "Nous sommes d'accord." } }
            )
        ).ShouldBeAccepted(201);
        var linked = await cooperation.Do(
            $"{path}/documents",
            new
            {
                title = "Joint statement",
                url = "https://example.org/statement",
                status = "published",
            }
        );

        read = (await cooperation.Meeting(meeting.Id, linked)).ShouldBeRead();
        read.Text("state").ShouldBe("held");
        read.Text("end").ShouldBe("2018-05-04");
        read.Text("mode").ShouldBe("hybrid");
        read.Text("venue").ShouldBe("Berlaymont");
        read["hosts"]![0]!.Text("onBehalfOf").ShouldBe("EU");
        read["agenda"]!.AsArray().Count.ShouldBe(2);
        read["registrations"]!.AsArray().Single()!["personId"]!.GetValue<Guid>().ShouldBe(ada);
        read["attendances"]!.AsArray().Select(a => a!.Text("status")).ShouldBe(["attended", "attended"]);
        read["attendances"]![1]!.Text("role").ShouldBe("delegate");
        read["attendances"]![1]!.Text("mode").ShouldBe("online");
        read["delegations"]![0]!["count"]!.GetValue<int>().ShouldBe(7);
        read["outcomes"]![0]!["outcomeId"]!.GetValue<Guid>().ShouldBe(outcome.Json["outcomeId"]!.GetValue<Guid>());
        read["outcomes"]![0]!["text"]!.Text("fr").ShouldBe("Nous sommes d'accord.");
        read["documents"]![0]!.Text("url").ShouldBe("https://example.org/statement");
        read["version"]!.GetValue<long>().ShouldBe(linked.Version);

        (await cooperation.History(meeting.Id)).ShouldBe([
            "meeting_scheduled",
            "attendance_registered",
            "attendance_registered",
            "registration_withdrawn",
            "agenda_set",
            "hosts_changed",
            "meeting_relocated",
            "meeting_postponed",
            "meeting_rescheduled",
            "meeting_held",
            "attendance_recorded",
            "attendance_recorded",
            "attendance_corrected",
            "delegation_counted",
            "outcome_recorded",
            "document_linked",
        ]);
    }

    [Fact]
    public async Task A_mistyped_outcome_is_corrected_and_a_wrong_document_taken_back_and_the_history_keeps_both()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = (await cooperation.Schedule()).Id;
        var path = $"/v1/meetings/{meeting}";
        var (typo, outcomeId) = (
            new
            {
                kind = "conclusion",
                text = new { en = "We disagreed." },
                status = "final",
            },
            "outcomeId"
        );
        var outcome = (await register.Host.Post($"{path}/outcomes", typo)).ShouldBeAccepted(201).Json.Text(outcomeId);
        var wrong = new
        {
            title = "Minutes",
            url = "https://example.org/another-meeting",
            status = "adopted",
        };
        var before = await cooperation.Do($"{path}/documents", wrong);
        var document = before.Json.Text("documentId");
        (await cooperation.Meeting(meeting, before)).ShouldBeRead()["documents"]![0]!.Text("documentId").ShouldBe(document);

        await cooperation.Do($"{path}/outcomes/{outcome}/correct", new { reason = "a slip of the pen", text = new { en = "We agreed." } });
        var corrected = await cooperation.Do(
            $"{path}/documents/{document}/correct",
            new { reason = "not of this meeting", withdrawn = true }
        );

        var read = (await cooperation.Meeting(meeting, corrected)).ShouldBeRead();
        read["outcomes"]!.AsArray().Single()!.Text(outcomeId).ShouldBe(outcome);
        read["outcomes"]![0]!["text"]!.Text("en").ShouldBe("We agreed.");
        read["outcomes"]![0]!.Text("status").ShouldBe("final");
        read["documents"]!.AsArray().ShouldBeEmpty();

        var state = $"/v1/audit/streams/{meeting}/state";
        var was = (await register.Host.Get($"{state}?version={before.Version}", "auditor")).ShouldBeRead()["state"]!;
        was["outcomes"]![0]!["text"]!.Text("en").ShouldBe("We disagreed.");
        was["documents"]![0]!.Text("documentId").ShouldBe(document);
        var told = (await register.Host.Get($"/v1/audit/streams/{meeting}", "auditor")).ShouldBeRead()["items"]!.AsArray();
        told[^1]!["data"]!["replaced"]!.Text("url").ShouldBe(wrong.url);
        told[^1]!["data"]!.Text("reason").ShouldBe("not of this meeting");

        // What is posted again is not recorded again, and what was taken back does not come back by itself.
        (await register.Host.Post($"{path}/outcomes", typo)).ShouldBeAccepted(201).Json.Text(outcomeId).ShouldBe(outcome);
        (await register.Host.Post($"{path}/documents", wrong)).ShouldBeProblem(409, "document-withdrawn");
        var again = await cooperation.Do(
            $"{path}/documents/{document}/correct",
            new
            {
                reason = "it is",
                withdrawn = false,
                title = "Annex",
            }
        );
        (await cooperation.Meeting(meeting, again)).ShouldBeRead()["documents"]![0]!.Text("title").ShouldBe("Annex");
        (await register.Host.Post($"{path}/outcomes/{document}/correct", new { reason = "mistaken", withdrawn = true })).ShouldBeProblem(
            404,
            "outcome-not-found"
        );
        (await cooperation.History(meeting)).ShouldBe([
            "meeting_scheduled",
            "outcome_recorded",
            "document_linked",
            "outcome_corrected",
            "document_corrected",
            "document_corrected",
        ]);
    }

    [Fact]
    public async Task History_that_was_never_scheduled_here_is_recorded_in_one_command()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var ada = await cooperation.Person();
        var body = cooperation.Meeting(
            ("start", "2012-07"),
            (
                "attendees",
                new JsonArray(
                    new JsonObject
                    {
                        ["personId"] = ada,
                        ["organisationId"] = cooperation.Home,
                        ["status"] = "attended",
                    }
                )
            ),
            (
                "delegations",
                new JsonArray(
                    new JsonObject
                    {
                        ["organisationId"] = cooperation.Iom,
                        ["count"] = 12,
                        ["precision"] = "minimum",
                    }
                )
            )
        );

        var recorded = (await register.Host.Post("/v1/meetings/record-held", body)).ShouldBeAccepted(201);

        recorded.Header("Location").ShouldBe($"/v1/meetings/{recorded.Id}");
        var read = (await cooperation.Meeting(recorded.Id, recorded)).ShouldBeRead();
        read.Text("state").ShouldBe("held");
        read.Text("start").ShouldBe("2012-07");
        read["attendances"]!.AsArray().Count.ShouldBe(1);
        read["delegations"]![0]!.Text("precision").ShouldBe("minimum");
        (await cooperation.History(recorded.Id)).ShouldBe([
            "meeting_scheduled",
            "meeting_held",
            "attendance_recorded",
            "delegation_counted",
        ]);
    }

    [Fact]
    public async Task Attendance_is_never_inferred_from_a_registration()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();
        await cooperation.Do(
            $"/v1/meetings/{meeting.Id}/registrations",
            new { attendees = new[] { cooperation.Attendee(await cooperation.Person()) } }
        );
        var held = await cooperation.Do($"/v1/meetings/{meeting.Id}/hold", new { });

        (await cooperation.Meeting(meeting.Id, held)).ShouldBeRead()["attendances"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_meeting_that_is_refused_is_no_record_that_the_refusal_could_name()
    {
        var cooperation = await Cooperation.Start(register.Host);

        var refused = await register.Host.Post("/v1/meetings/record-held", cooperation.Meeting(("start", "2100-01-01")));
        var scheduled = await cooperation.Schedule(("start", "2100-01-01"));
        var early = await register.Host.Post($"/v1/meetings/{scheduled.Id}/hold", new { });

        refused.ShouldBeProblem(409, "meeting-not-begun", "/start").Json["id"].ShouldBeNull();
        early.ShouldBeProblem(409, "meeting-not-begun", "/heldFrom").Json["id"]!.GetValue<Guid>().ShouldBe(scheduled.Id);
    }

    [Fact]
    public async Task A_meeting_is_not_held_before_its_first_day()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule(("start", "9999"));

        (await register.Host.Post($"/v1/meetings/{meeting.Id}/hold", new { })).ShouldBeProblem(409, "meeting-not-begun", "/heldFrom");
        (await register.Host.Post("/v1/meetings/record-held", cooperation.Meeting(("start", "9999")))).ShouldBeProblem(
            409,
            "meeting-not-begun",
            "/start"
        );
    }

    [Theory]
    [InlineData("cancel", "meeting-cancelled")]
    [InlineData("did-not-take-place", "meeting-did-not-take-place")]
    [InlineData("postpone", "meeting-postponed")]
    [InlineData("void", "meeting-voided")]
    public async Task A_meeting_that_is_not_to_take_place_takes_no_attendance(string command, string problem)
    {
        var cooperation = await Cooperation.Start(register.Host);
        var ada = await cooperation.Person();
        var meeting = await cooperation.Schedule();
        await cooperation.Do($"/v1/meetings/{meeting.Id}/{command}", new { reason = "no quorum" });

        (
            await register.Host.Post(
                $"/v1/meetings/{meeting.Id}/attendance",
                new { attendees = new[] { cooperation.Attendee(ada, status: "attended") } }
            )
        ).ShouldBeProblem(409, problem);
        (await register.Host.Post($"/v1/meetings/{meeting.Id}/hold", new { })).ShouldBeProblem(409, problem);
    }

    [Theory]
    [InlineData("hold", "{}", "hold", "scheduled")]
    [InlineData("cancel", """{"reason":"no quorum"}""", "cancellation", "scheduled")]
    [InlineData("did-not-take-place", """{"reason":"no quorum"}""", "did-not-take-place", "scheduled")]
    public async Task A_correction_takes_back_a_hold_a_cancellation_or_a_did_not_take_place(
        string command,
        string body,
        string undo,
        string state
    )
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();
        await cooperation.Do($"/v1/meetings/{meeting.Id}/{command}", body);

        var corrected = await cooperation.Do($"/v1/meetings/{meeting.Id}/correct", new { undo, reason = "recorded in error" });

        (await cooperation.Meeting(meeting.Id, corrected)).ShouldBeRead().Text("state").ShouldBe(state);
    }

    [Fact]
    public async Task A_voided_meeting_is_reinstated_to_the_state_it_had()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();
        await cooperation.Do($"/v1/meetings/{meeting.Id}/hold", new { });
        var voided = await cooperation.Do($"/v1/meetings/{meeting.Id}/void", new { reason = "entered twice" });
        (await cooperation.Meeting(meeting.Id, voided)).ShouldBeRead().Text("state").ShouldBe("voided");

        var reinstated = await cooperation.Do($"/v1/meetings/{meeting.Id}/reinstate", new { reason = "it was not" });

        (await cooperation.Meeting(meeting.Id, reinstated)).ShouldBeRead().Text("state").ShouldBe("held");
    }

    [Fact]
    public async Task Another_count_of_a_delegation_needs_a_reason_and_none_withdraws_it()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var meeting = await cooperation.Schedule();
        var path = $"/v1/meetings/{meeting.Id}/delegations";
        await cooperation.Do(
            path,
            new
            {
                organisationId = cooperation.Iom,
                count = 12,
                precision = "estimated",
            }
        );

        (
            await register.Host.Post(
                path,
                new
                {
                    organisationId = cooperation.Iom,
                    count = 11,
                    precision = "exact",
                }
            )
        ).ShouldBeProblem(422, "delegation-already-counted", "/reason");
        var recounted = await cooperation.Do(
            path,
            new
            {
                organisationId = cooperation.Iom,
                count = 11,
                precision = "exact",
                reason = "list found",
            }
        );
        (await cooperation.Meeting(meeting.Id, recounted)).ShouldBeRead()["delegations"]![0]!["count"]!.GetValue<int>().ShouldBe(11);
        var withdrawn = await cooperation.Do(
            path,
            new
            {
                organisationId = cooperation.Iom,
                count = 0,
                precision = "exact",
                reason = "they are all named",
            }
        );
        (await cooperation.Meeting(meeting.Id, withdrawn)).ShouldBeRead()["delegations"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_attendance_recorded_differently_before_must_be_corrected_and_nothing_of_the_list_is_recorded()
    {
        var cooperation = await Cooperation.Start(register.Host);
        var (ada, alan) = (await cooperation.Person(), await cooperation.Person());
        var meeting = await cooperation.Schedule();
        var path = $"/v1/meetings/{meeting.Id}/attendance";
        await cooperation.Do(path, new { attendees = new[] { cooperation.Attendee(ada, status: "attended") } });

        (
            await register.Host.Post(
                path,
                new { attendees = new[] { cooperation.Attendee(alan, status: "attended"), cooperation.Attendee(ada, status: "absent") } }
            )
        ).ShouldBeProblem(409, "attendance-already-recorded", "/attendees/1/status");

        (await cooperation.History(meeting.Id)).ShouldBe(["meeting_scheduled", "attendance_recorded"]);
    }

    [Fact]
    public async Task A_level_or_a_topic_the_framework_does_not_have_is_named()
    {
        var cooperation = await Cooperation.Start(register.Host);

        (
            await register.Host.Post(
                "/v1/meetings",
                cooperation.Meeting(("frameworks", Cooperation.Under(cooperation.Framework, "ministers")))
            )
        ).ShouldBeProblem(422, "unknown-level", "/frameworks/0/level");
        (await register.Host.Post("/v1/meetings", cooperation.Meeting(("topics", new JsonArray("migration", "space"))))).ShouldBeProblem(
            422,
            "unknown-area",
            "/topics/1"
        );
    }
}
