namespace CooperationEvents.Kernel;

/// <summary>
/// A command: the body of its operation, with the path parameters as members. The same record arrives over HTTP, in an
/// event of another system or in a file of history.
/// </summary>
public interface ICommand;
