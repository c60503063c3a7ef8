namespace CooperationEvents.Statistics.Counting;

/// <summary>How many of the persons known were in so many rows, not one more nor less.</summary>
public sealed record PeopleInRows(int Rows, int Persons);
