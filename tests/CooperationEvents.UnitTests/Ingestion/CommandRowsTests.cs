using CooperationEvents.Ingestion.Imports;

namespace CooperationEvents.UnitTests.Ingestion;

public sealed class CommandRowsTests
{
    private const int Limit = 1024 * 1024;

    [Theory]
    [InlineData(Limit + 1)]
    [InlineData(Limit + 4096)]
    [InlineData(2 * Limit)]
    [InlineData(3 * Limit)]
    public async Task A_last_line_that_is_too_long_is_reported_whatever_its_length(int length)
    {
        using var file = new MemoryStream([.. "{}\n"u8, .. Enumerable.Repeat((byte)'a', length)]);

        var rows = await new CommandRows()
            .Rows(file, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

        rows.Select(r => r.Number).ShouldBe([1, 2]);
        rows[1].Faults.Single().Type.Uri.ShouldBe("/problems/too-large");
        rows[1].Faults.Single().Detail.ShouldContain("say it in several commands");
    }

    [Fact]
    public async Task An_object_over_several_lines_is_refused_line_by_line()
    {
        using var file = new MemoryStream([.. "{\n  \"command\": \"hold-meeting\"\n}\n"u8]);

        var rows = await new CommandRows()
            .Rows(file, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

        rows.Count.ShouldBe(3);
        rows[0]
            .Faults.Single()
            .Detail.ShouldBe("Each line must be a whole JSON object. The body is not JSON: it ends too early, at byte 2.");
    }

    [Fact]
    public async Task A_member_that_a_line_does_not_have_is_refused_by_its_name()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var file = new MemoryStream([.. "\n"u8, .. "{\"command\": \"hold-meeting\", \"data\": {}, \"no/te\": 1}\n"u8]);

        var rows = await new CommandRows().Rows(file, cancellation).ToListAsync(cancellation);

        var error = rows[1].Faults.Single().Errors.ShouldHaveSingleItem();
        (error.Pointer, error.Detail).ShouldBe(("/no~1te", "There is no member 'no/te' here; there are command, data."));
    }

    [Theory]
    [InlineData("\u001A")]
    [InlineData("\u001A\r\n")]
    [InlineData("\0\0")]
    public async Task The_mark_of_the_end_of_a_text_is_passed_over_and_noted(string end)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var file = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($"\n{end}"));

        var rows = await new CommandRows().Rows(file, cancellation).ToListAsync(cancellation);

        rows.Select(r => (r.Skipped, r.Faults.Count, r.Notes.Count)).ShouldBe([(true, 0, 0), (true, 0, 1)]);
        rows[1].Notes[0].Kind.ShouldBe(NoteKind.PassedOver);
    }

    [Fact]
    public async Task Public_text_that_looks_like_a_way_to_reach_somebody_is_noted_by_its_place_in_the_line()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var file = new MemoryStream([
            .. """{"command": "record-outcome", "data": {"meetingId": {"system": "desk", "id": "a@b.org"}, "kind": "decision", """u8,
            .. """ "text": {"en": "By ada@example.org"}}}"""u8,
        ]);

        var row = (await new CommandRows().Rows(file, cancellation).ToListAsync(cancellation)).ShouldHaveSingleItem();

        row.Faults.ShouldBeEmpty();
        var note = row.Notes.ShouldHaveSingleItem();
        (note.Row, note.Kind, note.Field).ShouldBe((1L, NoteKind.PublicText, "/data/text/en"));
    }

    [Theory]
    [InlineData("\r")]
    [InlineData("\r\r")]
    public async Task Lines_that_end_with_a_carriage_return_alone_are_named(string end)
    {
        const string Line = """{"command": "hold-meeting", "data": {"meetingId": "0b0f3a7e-5a52-4a3e-9d1c-6f0b7f6f3c11"}}""";
        foreach (var lines in new[] { 2, 20_000 })
        {
            var text = string.Concat(Enumerable.Repeat(Line + end, lines));
            foreach (var file in new[] { text, "\uFEFF" + text, end + text, text + "\n" })
            {
                using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(file));
                var rows = new CommandRows().Rows(stream, TestContext.Current.CancellationToken);

                (
                    await Should.ThrowAsync<UnreadableFileException>(async () =>
                        await rows.ToListAsync(TestContext.Current.CancellationToken)
                    )
                ).Message.ShouldStartWith("The lines of the file end with CR alone.");
            }
        }
    }

    [Theory]
    [InlineData("{\"command\": \"hold-meeting\",\r \"data\": {}}\n")]
    [InlineData("{\"command\": \"hold-meeting\", \"data\": {}}\r\r\n")]
    [InlineData("{\"command\": \"hold-meeting\", \"data\": {}}\r\u001A")]
    public async Task A_carriage_return_within_a_line_or_at_its_end_is_a_blank(string line)
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(line));

        var row = await new CommandRows()
            .Rows(stream, TestContext.Current.CancellationToken)
            .FirstAsync(TestContext.Current.CancellationToken);

        row.Number.ShouldBe(1);
    }
}
