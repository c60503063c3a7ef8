using CooperationEvents.Reading;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace CooperationEvents.UnitTests.Reading;

public sealed class QueryParametersTests
{
    [Fact]
    public void Of_many_parameters_that_are_none_the_first_are_named_and_the_others_counted()
    {
        var query = new QueryParameters(
            new QueryCollection(Enumerable.Range(0, 700).ToDictionary(i => $"no{i}", _ => new StringValues("1")))
        );
        query.Text("level");
        query.Text("party");

        var errors = query.Fault()!.Errors;
        errors.Count.ShouldBe(21);
        errors[0].Detail.ShouldBe("There is no parameter 'no0' here; there are level, party.");
        errors[1].Detail.ShouldBe("There is no parameter 'no1' here either.");
        (errors[20].Pointer, errors[20].Detail).ShouldBe(("", "There are 680 more parameters here that are none."));
    }
}
