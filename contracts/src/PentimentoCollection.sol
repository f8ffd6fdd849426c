// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC4906} from "@openzeppelin/contracts/interfaces/IERC4906.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC2981} from "@openzeppelin/contracts/token/common/ERC2981.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {LibString} from "solady/utils/LibString.sol";
import {SSTORE2} from "solady/utils/SSTORE2.sol";
import {Claims} from "./collection/Claims.sol";
import {Records} from "./collection/Records.sol";
import {Sales} from "./collection/Sales.sol";
import {CollectionSettings, CollectionTerms, ImageMode, MintRequest} from "./collection/Terms.sol";
import {IERC7007} from "./interfaces/IERC7007.sol";
import {IERC7007Enumerable} from "./interfaces/IERC7007Enumerable.sol";
import {IERC7572} from "./interfaces/IERC7572.sol";
import {ITokenRenderer, TokenView} from "./interfaces/ITokenRenderer.sol";
import {Model, ModelShape} from "./Model.sol";
import {ModelRegistry} from "./ModelRegistry.sol";
import {Proof} from "./Proof.sol";
import {Statement} from "./Statement.sol";
import {Text} from "./Text.sol";

/// @title A collection of images that one committed network painted
/// @notice ERC-721 with ERC-7007 (Final text) and its enumeration extension. A token exists only if a proof was checked in the
/// transaction that minted it: that the network behind the model's commitment makes `aigcData` from the latent in `prompt`, made for
/// this chain, this collection and this creator.
/// @dev The factory deploys clones of this contract. A clone's code ends with the address of its model's record and its terms, so
/// that verifier, verifying key and model can never change. The implementation itself carries none and belongs to the factory.
contract PentimentoCollection is
    ERC721,
    ERC2981,
    Sales,
    Claims,
    Records,
    ReentrancyGuardTransient,
    IERC7007Enumerable,
    IERC7572,
    IERC4906
{
    using ModelShape for Model;

    /// @notice No royalty is above a tenth of a price.
    uint256 public constant MAX_ROYALTY_BPS = 1_000;

    address public immutable factory;
    ITokenRenderer public immutable renderer;

    /// @notice Prefix of image addresses in `Hash` mode; the image hash in 64 hexadecimal digits follows.
    string public imageBase;
    string private _contractUri;

    /// @notice A token was minted after its proof was verified.
    /// @param imageHash keccak256 of `aigcData` followed by the pose byte.
    /// @param record Contract whose code is a zero byte, the prompt, the creator, and the image or its hash.
    /// @param paid Wei, the model's licence fee included.
    event Minted(
        uint256 indexed tokenId, address indexed creator, bytes32 indexed imageHash, address record, uint256 paid
    );

    error OnlyFactory(address caller);
    error RoyaltyTooHigh(uint256 bps, uint256 maximum);
    /// @notice Prompt, image or envelope have a wrong length or a value out of range.
    error MalformedStatement(Statement.Fault fault);
    /// @notice The proof names another creator than the one who may use it here.
    error CreatorMismatch(address expected, address actual);
    error InvalidProof();
    /// @notice `prompt` or `aigcData` are not those of the token.
    error TokenDataMismatch(uint256 tokenId);
    error ImageNotOnChain(uint256 tokenId);
    error ImageIsOnChain();

    constructor(ModelRegistry registry_, ITokenRenderer renderer_) ERC721("", "") Ownable(msg.sender) Sales(registry_) {
        factory = msg.sender;
        renderer = renderer_;
    }

    /// @notice Sets what the owner may change later. The factory calls it once, when it deploys the clone.
    function initialize(address owner_, CollectionSettings calldata settings) external {
        if (msg.sender != factory) revert OnlyFactory(msg.sender);
        _transferOwnership(owner_);
        _setSale(settings.sale);
        if (settings.allowlistRoot != 0) _setAllowlist(settings.allowlistRoot);
        if (settings.royaltyBps != 0) _setRoyalty(owner_, settings.royaltyBps);
        if (bytes(settings.imageBase).length != 0) _setImageBase(settings.imageBase);
        if (bytes(settings.contractUri).length != 0) _setContractUri(settings.contractUri);
    }

    // Minting

    /// @notice Verifies the proof and mints `tokenId(prompt)` to the caller, who must be the creator named in the envelope and have
    /// claimed the token. Costs exactly `mintCost()`.
    /// @return id The token.
    /// @dev Uniqueness is by prompt and by image, never by proof: halo2 proofs are blinded, so one statement has many.
    function mint(MintRequest calldata request) external payable nonReentrant whenNotPaused returns (uint256 id) {
        (Model memory model_, CollectionTerms memory terms_) = _pinned();
        _requireStatement(model_, request.prompt, request.aigcData, request.proof, msg.sender);
        id = uint256(keccak256(request.prompt));
        bytes32 imageHash = _imageHash(request.prompt, request.aigcData);
        _requireNew(id, imageHash);
        _sell(model_.licenceFee, terms_.maxSupply, request.allowlistProof);
        _useClaim(id, request.salt, terms_.claimDelay);
        if (!Proof.isValid(model_, request.prompt, request.aigcData, request.proof)) revert InvalidProof();

        bytes memory image = terms_.imageMode == ImageMode.Onchain ? request.aigcData : bytes.concat(imageHash);
        address record = _writeRecord(id, imageHash, bytes.concat(request.prompt, bytes20(msg.sender), image));
        _payShares(id, model_.licenceFee);
        emit AigcData(id, request.prompt, request.aigcData, request.proof);
        emit Minted(id, msg.sender, imageHash, record, msg.value);
        // Last, because a receiver that is a contract is called: the token is complete, recorded and paid by then.
        _safeMint(msg.sender, id);
    }

    /// @notice Wei that a mint costs now: the price and the model's licence fee.
    function mintCost() external view returns (uint256) {
        (Model memory model_,) = _pinned();
        return _price() + model_.licenceFee;
    }

    /// @notice Destroys a token. Its prompt and its image cannot be minted again, and its place in the supply stays taken.
    function burn(uint256 tokenId_) external {
        _update(address(0), tokenId_, msg.sender);
        _countBurn();
    }

    /// @inheritdoc IERC7007
    /// @dev The data of a token never change. This call emits `AigcData` again for a token that exists, with a proof of the same
    /// statement: same prompt, same image, same creator. ERC-7007 leaves open who may call it; here anyone who holds such a proof,
    /// because the log can then repeat only what is recorded. The creator's address in the envelope must be the recorded one, so
    /// that nobody can attach a proof of their own to another's token.
    function addAigcData(uint256 tokenId_, bytes calldata prompt_, bytes calldata aigcData_, bytes calldata proof) external {
        address creator_ = _recordOf(tokenId_).creator;
        (Model memory model_,) = _pinned();
        _requireStatement(model_, prompt_, aigcData_, proof, creator_);
        // The prompt is known by its hash, which is the token, and the image by its own, which leads to the token.
        if (uint256(keccak256(prompt_)) != tokenId_ || tokenOfImage[_imageHash(prompt_, aigcData_)] != tokenId_) {
            revert TokenDataMismatch(tokenId_);
        }
        if (!Proof.isValid(model_, prompt_, aigcData_, proof)) revert InvalidProof();
        emit AigcData(tokenId_, prompt_, aigcData_, proof);
    }

    // Verification

    /// @inheritdoc IERC7007
    /// @dev True only for a proof made for this chain, this collection and the creator in the envelope, whoever calls and whether
    /// minted or not. Bytes of wrong length or out of range are false; only a lack of gas reverts. Give the call ample gas: a
    /// verifier that answers false because its own precompile calls ran short cannot be told from one that found a false proof.
    function verify(bytes calldata prompt_, bytes calldata aigcData_, bytes calldata proof)
        external
        view
        returns (bool success)
    {
        (Model memory model_,) = _pinned();
        if (Proof.check(model_, prompt_, aigcData_, proof) != Statement.Fault.None) return false;
        return Proof.isValid(model_, prompt_, aigcData_, proof);
    }

    /// @notice The instances that a proof by `creator_` must have, each below 2^248.
    function instancesOf(bytes calldata prompt_, bytes calldata aigcData_, address creator_)
        external
        view
        returns (uint256[] memory)
    {
        (Model memory model_,) = _pinned();
        Statement.Fault fault =
            Statement.check(prompt_, aigcData_, model_.latentLength, model_.dataLength(), model_.kind);
        if (fault != Statement.Fault.None) revert MalformedStatement(fault);
        return Statement.instances(prompt_, aigcData_, block.chainid, address(this), creator_);
    }

    // What is recorded

    /// @notice The model of every token of this collection, as it was registered.
    function model() external view returns (Model memory model_) {
        (model_,) = _pinned();
    }

    /// @notice What never changes about this collection.
    function terms() external view returns (CollectionTerms memory terms_) {
        (, terms_) = _pinned();
    }

    /// @inheritdoc ERC721
    function name() public view override returns (string memory) {
        (, CollectionTerms memory terms_) = _pinned();
        return terms_.name;
    }

    /// @inheritdoc ERC721
    function symbol() public view override returns (string memory) {
        (, CollectionTerms memory terms_) = _pinned();
        return terms_.symbol;
    }

    /// @inheritdoc IERC7007Enumerable
    function tokenId(bytes calldata prompt_) external pure returns (uint256) {
        return uint256(keccak256(prompt_));
    }

    /// @inheritdoc IERC7007Enumerable
    /// @dev `0x` and hexadecimal digits, because a latent is seldom valid UTF-8.
    function prompt(uint256 tokenId_) external view returns (string memory) {
        return LibString.toHexString(_recordOf(tokenId_).prompt);
    }

    /// @notice The proven image of a token, before its pose.
    function aigcData(uint256 tokenId_) external view returns (bytes memory) {
        return _imageOf(tokenId_).image;
    }

    /// @notice The pose byte of a token, 0..125.
    function pose(uint256 tokenId_) external view returns (uint8) {
        return uint8(_poseOf(_recordOf(tokenId_)));
    }

    /// @notice The address for which a token's proof was made; it never changes.
    function creator(uint256 tokenId_) external view returns (address) {
        return _recordOf(tokenId_).creator;
    }

    /// @notice The picture of a token after its pose, row-major: a palette index a byte, or three planes of values 0..127.
    function picture(uint256 tokenId_) external view returns (bytes memory) {
        (Model memory model_,) = _pinned();
        Record memory record = _imageOf(tokenId_);
        return renderer.picture(record.image, _poseOf(record), model_);
    }

    /// @inheritdoc ERC721
    /// @dev In `Onchain` mode made from the proven bytes alone; in `Hash` mode it names their hash.
    function tokenURI(uint256 tokenId_) public view override returns (string memory) {
        (Model memory model_, CollectionTerms memory terms_) = _pinned();
        Record memory record = _recordOf(tokenId_);
        TokenView memory token = TokenView({
            collectionName: terms_.name,
            id: tokenId_,
            prompt: record.prompt,
            creator: record.creator,
            onchain: terms_.imageMode == ImageMode.Onchain,
            image: record.image,
            imageBase: imageBase
        });
        return renderer.tokenURI(token, model_);
    }

    /// @inheritdoc IERC7572
    function contractURI() external view returns (string memory) {
        if (bytes(_contractUri).length != 0) return _contractUri;
        (Model memory model_, CollectionTerms memory terms_) = _pinned();
        return renderer.contractURI(terms_.name, terms_.symbol, model_);
    }

    /// @inheritdoc ERC721
    function supportsInterface(bytes4 interfaceId) public view override(ERC721, ERC2981, IERC165) returns (bool) {
        // ERC-4906 has no functions, so its identifier is given by its text.
        return interfaceId == type(IERC7007).interfaceId || interfaceId == type(IERC7007Enumerable).interfaceId
            || interfaceId == bytes4(0x49064906) || super.supportsInterface(interfaceId);
    }

    // The owner's settings

    /// @notice Sets the ERC-2981 royalty of all tokens, in hundredths of a percent.
    function setRoyalty(address receiver, uint96 bps) external onlyOwner {
        _setRoyalty(receiver, bps);
    }

    /// @notice Sets the prefix of image addresses; only in `Hash` mode.
    function setImageBase(string calldata base) external onlyOwner {
        _setImageBase(base);
        emit BatchMetadataUpdate(0, type(uint256).max);
    }

    /// @notice Sets the collection's document; empty for the one that the chain writes.
    function setContractURI(string calldata uri) external onlyOwner {
        _setContractUri(uri);
    }

    // Internals

    /// @dev The model's record and the terms, from the code of the clone.
    function _pinned() private view returns (Model memory model_, CollectionTerms memory terms_) {
        address record;
        (record, terms_) = abi.decode(Clones.fetchCloneArgs(address(this)), (address, CollectionTerms));
        model_ = abi.decode(SSTORE2.read(record), (Model));
    }

    /// @dev Reverts unless the bytes are a statement by `creator_`.
    function _requireStatement(
        Model memory model_,
        bytes calldata prompt_,
        bytes calldata aigcData_,
        bytes calldata proof,
        address creator_
    ) private pure {
        Statement.Fault fault = Proof.check(model_, prompt_, aigcData_, proof);
        if (fault != Statement.Fault.None) revert MalformedStatement(fault);
        (address named,) = Statement.open(proof);
        if (named != creator_) revert CreatorMismatch(creator_, named);
    }

    /// @dev The record of a token that exists.
    function _recordOf(uint256 tokenId_) private view returns (Record memory) {
        _requireOwned(tokenId_);
        (Model memory model_,) = _pinned();
        return _readRecord(tokenId_, model_.latentLength + 1);
    }

    /// @dev The same, with the image's bytes in it.
    function _imageOf(uint256 tokenId_) private view returns (Record memory record) {
        record = _recordOf(tokenId_);
        (, CollectionTerms memory terms_) = _pinned();
        if (terms_.imageMode != ImageMode.Onchain) revert ImageNotOnChain(tokenId_);
    }

    function _poseOf(Record memory record) private pure returns (uint256) {
        return uint8(record.prompt[record.prompt.length - 1]);
    }

    function _setRoyalty(address receiver, uint96 bps) private {
        if (bps > MAX_ROYALTY_BPS) revert RoyaltyTooHigh(bps, MAX_ROYALTY_BPS);
        _setDefaultRoyalty(receiver, bps);
    }

    function _setImageBase(string calldata base) private {
        (, CollectionTerms memory terms_) = _pinned();
        if (terms_.imageMode == ImageMode.Onchain) revert ImageIsOnChain();
        Text.requireUtf8(base);
        imageBase = base;
    }

    function _setContractUri(string calldata uri) private {
        _contractUri = uri;
        emit ContractURIUpdated();
    }
}
