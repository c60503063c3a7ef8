namespace CooperationEvents.Http;

/// <summary>Metadata of an endpoint that records activity in another way than by one command.</summary>
public interface IRecordsActivity;
