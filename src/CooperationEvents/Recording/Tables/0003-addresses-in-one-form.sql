-- By an address people are alike in its normal form alone. Whoever was noted by another form is noted again, once, by the service.
delete from recording.likeness_noted;
