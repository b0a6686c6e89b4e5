"""Words that the Open ASR Leaderboard's English scorer takes for one another: its repository's lists of autumn 2026.

From huggingface/open_asr_leaderboard, which is under the Apache License 2.0, as this project is; no package ships them.
"""

DROPPED_SPELLINGS = {"archeological", "cancelation", "cancelations", "flyer / flier", "travelog", "travelogs"}
ADDED_SPELLINGS = {
    "archaeological": "archeological",
    "archaeology": "archeology",
    "cancellation": "cancelation",
    "cancellations": "cancelations",
    "etcetera": "etc",
    "flyer": "flier",
    "kay": "okay",
    "mm": "hmm",
    "ok": "okay",
    "pummelled": "pummeled",
    "pummelling": "pummeling",
    "snowploughs": "snowplows",
    "travelogue": "travelog",
    "travelogues": "travelogs",
}
"""What the leaderboard changed in the list of British spellings that came with Whisper."""

JOINED = ("how ever", "wi fi", "hi fi", "lo fi", "sci fi", "e mail", "e book", "e commerce", "x ray", "t shirt", "a m")
COMPOUNDS = {
    **{phrase: phrase.replace(" ", "") for phrase in (*JOINED, "p m")},
    **{"et cetera": "etc", "al right": "alright", "all right": "alright", "o k": "okay"},
}
"""Words written together, whatever stands on the other side."""

GROUPS = """
aaron aron, alfonso alphonso, alison allison alyson, allen alan allan, anne ann, anthony antony, arthur artur, brett
bret, brian bryan, bridget bridgette, caitlin kaitlin kaitlyn katelyn, carl karl, carol carole carrol carroll,
catherine catharine katherine kathryn, cathy kathy, charlie charley charly, chris kris, christina kristina,
christopher cristopher kristopher, colin collin, deborah devorah, dennis denis, dominic dominick, douglas douglass,
dylan dillon, eric erick erik, fatima fatimah, frederick frederik fredrick, gail gayle, gary garry, greg gregg, henry
henri, ivonne yvonne, jackie jacky, jamie jaime, jason jayson, jeff geoff, jeffrey geoffrey jeffery, joanne joane
joann, john jon, jonathan johnathan jonathon, joseph josef, karen caren caryn karin, kelly kelley kelli kellye, kevin
kevan, kristin kristen, laurie lori, lawrence laurence, lee leigh, leslie lesley, lily lilly, linda lynda, lindsay
lindsey linsey, louis lewis, lucas lukas, lynn lynne, mark marc, martin martyn, matthew mathew, mcarthur macarthur,
mccarthy macarthy maccarthy, mccartney macartney, mcdonald macdonald, mcgowan macgowan, mcintosh macintosh, mcintyre
macintyre, mckay mackay, mckenzie mackenzie, mclean maclean, mcleod macleod, mcmillan macmillan, mcnamara macnamara,
megan meghan, michael micheal, michelle michele, miriam myriam, mohammed mahomet mohamad mohamed mohammad mouhamad
mouhamed muhamad muhammad muhammed, molly mollie, natalie nathalie, neil neal, nicholas nicolas, nicole nikole,
patrick patrik, peter pieter, philip phillip, rachel rachael, rajiv rajeev, rebecca rebekah, rob robb, robin robyn,
roger rodger, ronda rhonda, russell russel, sally sallie, sarah sara, sean shaun shawn, shane shayne, sherry cheri
sheri sherrie, simon symon, stacy stacey stacie, steven stephen, stuart stewart, susanne suzanne, teresa theresa,
terry terri, thomas tomas, toby tobey, tony toni, tracy tracey tracie, veronica veronika, victor viktor, victoria
viktoria, walter walther, yousef yusef yusuf, zach zak, zachary zachery zackary
"""
"""Names, each before other spellings of it."""
NAMES = {variant: name for name, *variants in map(str.split, GROUPS.split(",")) for variant in variants}
"""Spellings of a name, each to the one that stands for all."""
