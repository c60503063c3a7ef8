using CooperationEvents.Audit.History;
using CooperationEvents.AuditLog;

namespace CooperationEvents.UnitTests.Audit.History;

public sealed class StoredEventTests
{
    private static readonly DateTime At = new(2026, 11, 29, 17, 0, 0, DateTimeKind.Utc);

    private static readonly StoredEvent OfNewerVersion = new(
        7,
        Guid.Parse("e0000000-0000-4000-8000-000000000001"),
        Guid.Parse("f0000000-0000-4000-8000-000000000001"),
        2,
        "framework_celebrated",
        At,
        null,
        null,
        null,
        null,
        null,
        """{"guests": 3}"""
    );

    private static readonly byte[] Signed = new Entry(
        7,
        OfNewerVersion.Id,
        OfNewerVersion.Stream,
        "framework",
        2,
        "framework_celebrated",
        At,
        null,
        null,
        null,
        null,
        null,
        """{"guests": 3}"""
    ).ToBytes();

    [Fact]
    public void An_event_of_a_type_of_a_newer_version_is_held_against_the_log_all_the_same()
    {
        var logged = OfNewerVersion with { Leaf = MerkleTree.LeafHash(Signed) };

        logged.IsAltered.ShouldBeFalse();
        logged.ToLeaf().ShouldBe(Signed);
        (logged with { Data = """{"guests": 4}""" }).IsAltered.ShouldBeTrue();
        (logged with { Type = "framework_mourned" }).IsAltered.ShouldBeTrue();
    }

    [Fact]
    public void One_in_a_stream_of_a_kind_of_a_newer_version_is_what_the_row_of_its_stream_says_where_the_log_agrees()
    {
        var signed = Entry.Parse(Signed) with { StreamType = "venue" };
        var logged = OfNewerVersion with { Leaf = MerkleTree.LeafHash(signed.ToBytes()) };

        (logged with { SaidStreamType = "venue" }).ToLeaf().ShouldBe(signed.ToBytes());
        (logged with { SaidStreamType = "venue" }).IsAltered.ShouldBeFalse();
        (logged with { SaidStreamType = "room" }).IsAltered.ShouldBeTrue();
        logged.IsAltered.ShouldBeTrue();
        (OfNewerVersion with { SaidStreamType = "room", Leaf = MerkleTree.LeafHash(Signed) }).IsAltered.ShouldBeFalse();
    }

    [Fact]
    public void One_that_the_log_does_not_have_is_no_entry_here() =>
        Should.Throw<UnsequenceableException>(() => OfNewerVersion.ToLeaf()).IsNewer.ShouldBeTrue();
}
