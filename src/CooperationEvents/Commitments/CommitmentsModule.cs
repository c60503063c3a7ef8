using CooperationEvents.Projections;
using CooperationEvents.Reading;
using NpgsqlTypes;

namespace CooperationEvents.Commitments;

public static class CommitmentsModule
{
    public static IServiceCollection AddCommitments(this IServiceCollection services) => services.AddParameters(CommitmentsParameters.All);

    public static void Configure(ReadModelRegistration models)
    {
        models
            .Options.Schema.For<CommitmentView>()
            .Duplicate(view => view.SortKey)
            .Duplicate(view => view.FrameworkId)
            .Duplicate(view => view.Status)
            .Duplicate(view => view.DueDay, pgType: "date", dbType: NpgsqlDbType.Date)
            .GinIndexJsonDataMember(view => view.Owners);
        models.Composite.Add<CommitmentViewProjection>();
    }
}
