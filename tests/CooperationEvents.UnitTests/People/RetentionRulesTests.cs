using CooperationEvents.Kernel;
using CooperationEvents.People;

namespace CooperationEvents.UnitTests.People;

public sealed class RetentionRulesTests
{
    private static readonly DateOnly Monday = new(2024, 1, 1);
    private static readonly FieldSalt Contact = new(FieldClass.Contact, 1);
    private static readonly FieldSalt Post = new(FieldClass.Post, 1);

    [Theory]
    [InlineData(0, false)]
    [InlineData(10, false)]
    [InlineData(11, true)]
    [InlineData(4_000, true)]
    public void Fields_are_kept_all_the_days_after_the_last_activity(int after, bool due) =>
        RetentionRules.DueSince(10, Monday, Monday.AddDays(after)).ShouldBe(due ? new DateOnly(2024, 1, 12) : null);

    [Fact]
    public void Who_is_active_on_a_day_to_come_is_kept() => RetentionRules.DueSince(1, DateOnly.MaxValue, Monday).ShouldBeNull();

    [Fact]
    public void Without_a_rule_fields_are_kept() => RetentionRules.DueSince(null, DateOnly.MinValue, Monday).ShouldBeNull();

    [Fact]
    public void The_last_activity_is_the_latest_of_what_is_known() =>
        Last([Of(Some.Ana), Of(Some.Ben)], (Some.Ana, Monday.AddDays(5)), (Some.Ben, Monday.AddDays(-5)))
            .ShouldBe(new Dictionary<Guid, DateOnly> { [Some.Ana] = Monday.AddDays(5), [Some.Ben] = Monday });

    [Fact]
    public void What_one_of_those_who_are_merged_did_keeps_the_fields_of_all() =>
        Last([Of(Some.Ana), Of(Some.Ben, into: Some.Ana), Of(Some.Cem, into: Some.Ben)], (Some.Cem, Monday.AddDays(5)))
            .Values.ShouldBe([Monday.AddDays(5), Monday.AddDays(5), Monday.AddDays(5)]);

    [Fact]
    public void Who_is_restricted_is_kept_with_everybody_merged_with_them() =>
        Last([Of(Some.Ana), Of(Some.Ben, into: Some.Ana, restricted: true), Of(Some.Cem)]).Keys.ShouldBe([Some.Cem]);

    [Fact]
    public void Fields_expire_once() =>
        APerson
            .With()
            .When(person => RetentionRules.Expire(person, [Post, Contact]))
            .Then(new PersonFieldsExpired(Some.Ana, [Contact, Post]))
            .AndNothingWhenRepeated();

    [Fact]
    public void What_expires_is_recorded_by_class_and_number() =>
        APerson
            .With()
            .When(person => RetentionRules.Expire(person, [Post, Contact with { Number = 2 }, Contact]))
            .Then(new PersonFieldsExpired(Some.Ana, [Contact, Contact with { Number = 2 }, Post]));

    [Fact]
    public void Of_those_that_expire_only_what_did_not_before_is_recorded() =>
        APerson
            .With(new PersonFieldsExpired(Some.Ana, [Contact]))
            .When(person => RetentionRules.Expire(person, [Contact, Post]))
            .Then(new PersonFieldsExpired(Some.Ana, [Post]));

    [Fact]
    public void What_was_sealed_after_the_last_time_expires_again() =>
        APerson
            .With(new PersonFieldsExpired(Some.Ana, [Contact]))
            .When(person => RetentionRules.Expire(person, [Contact with { Number = 2 }]))
            .Then(new PersonFieldsExpired(Some.Ana, [Contact with { Number = 2 }]));

    [Fact]
    public void Of_an_erased_person_nothing_expires() =>
        APerson.With(new PersonErased(Some.Ana)).When(person => RetentionRules.Expire(person, [Contact])).ThenNothing();

    private static PersonActivity Of(Guid id, Guid? into = null, bool restricted = false) => new(id, into, Monday, restricted);

    private static IReadOnlyDictionary<Guid, DateOnly> Last(PersonActivity[] people, params (Guid Person, DateOnly Day)[] elsewhere) =>
        RetentionRules.LastActivity(people, elsewhere.ToDictionary(e => e.Person, e => e.Day));
}
