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
    public void One_that_the_log_does_not_have_is_no_entry_here() =>
        Should.Throw<UnsequenceableException>(() => OfNewerVersion.ToLeaf()).IsNewer.ShouldBeTrue();
}
